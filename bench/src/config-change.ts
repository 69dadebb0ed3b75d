import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { engineSchema } from '@hunt/engine';
import { openSettingsControl } from '@hunt/engine/control';
import { startZooKeeper, whyNotAvailable } from '@hunt/services';
import {
  ConfigKeeper,
  clusterSettingsKey,
  encodeClusterSettings,
  SettingsFollower,
} from 'veltrix/config';
import { openZooKeeperMeeting } from 'veltrix/zookeeper';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';

const mostMs = 1_000;
/** Longest time that anything here is waited for. */
const patienceMs = 30_000;
const lookEveryMs = 1;
const scope = 'tracing';
const key = 'sampledMaxPerSecond';
/** Other than the default, so that each is a change. */
const first = 1_000;
const plan = { logId: 'b'.repeat(32), partitionCount: 4, dedupeWindow: 1_024 };

const sizes = { nodes: 8, changes: 20 };

export const configChange = defineBench({
  name: 'config-change',
  summary: 'From a changed setting, acknowledged, to the last node that has it',
  atLeast: '≤ 1 s, the slowest of all changes',
  sizes,
  async run({ nodes, changes }, runs): Promise<BenchResult> {
    const missing = whyNotAvailable('zookeeper');
    if (missing !== undefined) throw new Error(missing);
    const server = await startZooKeeper();
    try {
      const { connect } = server;
      const measured = await withTemporaryDirectory((directory) =>
        measure({ connect, directory, nodes, changes: changes * runs }),
      );
      const fromAcknowledged = measured.map(({ fromAcknowledgedMs }) => fromAcknowledgedMs);
      const fromAsked = measured.map(({ fromAskedMs }) => fromAskedMs);
      const value = Math.max(...fromAcknowledged);
      return {
        name: 'config-change',
        value: rounded(value),
        unit: 'ms from the acknowledgement to the last node, the slowest change',
        reference: 'limit',
        referenceValue: mostMs,
        ratio: rounded(value / mostMs),
        met: value <= mostMs,
        nodes,
        changes: measured.length,
        medianMs: rounded(median(fromAcknowledged)),
        medianFromAskedMs: rounded(median(fromAsked)),
        longestFromAskedMs: rounded(Math.max(...fromAsked)),
      };
    } finally {
      await server.stop();
    }
  },
});

interface Measured {
  /** 0 where the last node had it before the writer was told. */
  readonly fromAcknowledgedMs: number;
  readonly fromAskedMs: number;
}

interface Place {
  readonly connect: string;
  readonly directory: string;
}

/** One change after the other, each by what `hunt config set` does, and waited for at every node. */
async function measure(parts: Place & { nodes: number; changes: number }): Promise<Measured[]> {
  const { connect, directory } = parts;
  const nodes = Array.from({ length: parts.nodes }, (_, number) =>
    followSettings({ connect, directory, name: `node-${number}` }),
  );
  try {
    // A place is made by who first writes there; an operator only finds one that is there.
    await nodes[0]!.write(first);
    await until(() => nodes.every(({ has }) => has(first)));
    const control = await openSettingsControl({
      file: clusterFile({ connect, directory }),
      by: 'bench',
      writes: true,
    });
    try {
      const measured: Measured[] = [];
      for (let change = 1; change <= parts.changes; change++) {
        const set = [{ name: `${scope}.${key}`, value: String(first + change) }];
        const askedAt = performance.now();
        await control.change({ set, remove: [], why: 'the bench' });
        const acknowledgedAt = performance.now();
        await until(() => nodes.every(({ has }) => has(first + change)));
        const last = Math.max(...nodes.map(({ hasSince }) => hasSince(first + change)));
        const fromAcknowledgedMs = Math.max(0, last - acknowledgedAt);
        measured.push({ fromAcknowledgedMs, fromAskedMs: last - askedAt });
      }
      return measured;
    } finally {
      await control.close();
    }
  } finally {
    await Promise.all(nodes.map(({ close }) => close()));
  }
}

/** What a node does: a session of its own, its own settings, what it took last kept in a file. */
function followSettings({ connect, directory, name }: Place & { name: string }) {
  const keeper = new ConfigKeeper({ schema: engineSchema, layers: [] });
  /** When what it reads was exchanged, by the new value. */
  const swaps = new Map<number, number>();
  const live = keeper.live(scope);
  live.onChange(() => swaps.set(Number(live.current[key]), performance.now()));
  let failure: Error | undefined;
  const follower = new SettingsFollower({
    keeper,
    file: path.join(directory, `${name}.json`),
    applied: () => {},
    problem: (error) => {
      failure = error;
    },
  });
  const { coordinator, config } = openZooKeeperMeeting({ connect, plan });
  const stop = follower.follow(config);
  return {
    has: (value: number) => {
      if (failure) throw failure;
      return swaps.has(value);
    },
    hasSince: (value: number) => swaps.get(value)!,
    write: (value: number) =>
      new Promise<void>((resolve, reject) => {
        const said = [{ name: `${scope}.${key}`, value: String(value) }];
        const document = { key: clusterSettingsKey, value: encodeClusterSettings(said) };
        config.write({ ...document, basedOn: 0, by: 'bench', why: 'the first' }, (error) =>
          error ? reject(error) : resolve(),
        );
      }),
    close: () => {
      stop();
      return new Promise<void>((resolve) => coordinator.close(resolve));
    },
  };
}

/** As far as an operator's command reads it. */
function clusterFile({ connect, directory }: Place): string {
  const file = path.join(directory, 'cluster.yaml');
  const { partitionCount, dedupeWindow } = plan;
  writeFileSync(
    file,
    `partitions: ${partitionCount}\ndedupeWindow: ${dedupeWindow}\nzookeeper:\n  connect: ${connect}\n`,
  );
  return file;
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not every node has it after ${patienceMs} ms`);
    await pause(lookEveryMs);
  }
}
