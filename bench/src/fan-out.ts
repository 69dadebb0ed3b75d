import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ClusterDeployment, whyNoCluster } from '@hunt/cli/testing';
import { LatencyHistogram } from '@hunt/load/generator';
import { createPlayerClient, type PlayerClient } from '@hunt/sdk';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { answerSteps, benchHuntYaml, slug, stepPoints } from './crowd/bench-hunt.ts';
import { type LiveReader, openReaders } from './load/live-reader.ts';

const mostMs = 1_000;
const readyMs = 120_000;
/** They are at the top from the first change on, so that each change is seen there. */
const teams = 4;
const changesMost = teams * answerSteps;

const sizes = { readers: 10_000, changes: 20, warmUpChanges: 5, everyMs: 1_000 };
type FanOutSizes = typeof sizes;

export const fanOut = defineBench({
  name: 'fan-out',
  summary: 'A standings change a second to everybody who watches, on two gateways of a cluster',
  atLeast: 'p99 ≤ 1 s',
  sizes,
  async run(sizes, runs): Promise<BenchResult> {
    if (whyNoCluster !== undefined) throw new Error(whyNoCluster);
    if (sizes.warmUpChanges + sizes.changes > changesMost) {
      throw new Error(`there are ${changesMost} changes`);
    }
    const results: Awaited<ReturnType<typeof measureFanOut>>[] = [];
    for (let run = 0; run < runs; run++) results.push(await measureFanOut(sizes));
    const quantile = (share: number) => median(results.map(({ seen }) => seen.quantile(share)));
    const value = quantile(0.99);
    const last = results.at(-1)!;
    return {
      name: 'fan-out',
      value: rounded(value),
      unit: 'ms, p99 from when the command was sent until a reader has the standings with it',
      reference: 'limit',
      referenceValue: mostMs,
      ratio: rounded(value / mostMs),
      met: value <= mostMs && results.every(({ lost, missing }) => lost + missing === 0),
      p50Ms: rounded(quantile(0.5)),
      mostMs: rounded(quantile(1)),
      afterAnswerP99Ms: rounded(last.afterAnswer.quantile(0.99)),
      answerP50Ms: rounded(last.answers.quantile(0.5)),
      readers: sizes.readers,
      changes: sizes.changes,
      lost: last.lost,
      missing: last.missing,
      openedPerSecond: Math.round(last.openedPerSecond),
      runs: results.map(({ seen }) => rounded(seen.quantile(0.99))),
    };
  },
});

interface Change {
  sentAt: number;
  answeredAt: number;
  readonly seenAt: number[];
}

async function measureFanOut(sizes: FanOutSizes) {
  const cluster = await ClusterDeployment.start();
  try {
    const huntFile = path.join(cluster.directory, 'bench.yaml');
    writeFileSync(huntFile, benchHuntYaml());
    await cluster.node('work', ['--roles', 'processor,views,archiver,coordinator'], {
      keepsIdentity: true,
    });
    const gateways = [
      await cluster.node('gate-1', ['--roles', 'gateway', '--hunt', huntFile]),
      await cluster.node('gate-2', ['--roles', 'gateway']),
    ];
    const urls: string[] = [];
    for (const gateway of gateways) urls.push((await gateway.ready(readyMs)).url);
    for (const [index, gateway] of gateways.entries()) {
      const knowsHunt = async () => (await fetch(`${urls[index]}/v1/hunts/${slug}`)).ok;
      await gateway.until(knowsHunt, 'knows the hunt', readyMs);
    }
    return await measureReaders(urls, sizes);
  } finally {
    await cluster.stop();
  }
}

async function measureReaders(urls: readonly string[], sizes: FanOutSizes) {
  const players: PlayerClient[] = [];
  for (let team = 0; team < teams; team++) {
    const player = createPlayerClient({ baseUrl: urls[team % urls.length]!, hunt: slug });
    await player.join({ name: `Team ${team}` });
    players.push(player);
  }
  const changes: Change[] = [];
  const changesIn = new Map<string, number>();
  const seenBy = new Map<LiveReader, number>();
  let lost = 0;
  let firstError: Error | undefined;
  const opening = performance.now();
  const readers = await openReaders(
    urls.map((url) => Number(new URL(url).port)),
    sizes.readers,
    {
      onStandings(reader, json) {
        const count = changesIn.get(json) ?? changesOf(json);
        changesIn.set(json, count);
        const now = performance.now();
        for (let number = seenBy.get(reader) ?? 0; number < count; number++) {
          changes[number]?.seenAt.push(now);
        }
        seenBy.set(reader, count);
      },
      onLost(error) {
        lost += 1;
        firstError ??= error;
      },
    },
  );
  const openedPerSecond = (sizes.readers / (performance.now() - opening)) * 1_000;
  try {
    const start = performance.now();
    for (let number = 0; number < sizes.warmUpChanges + sizes.changes; number++) {
      await pause(Math.max(0, start + number * sizes.everyMs - performance.now()));
      const change: Change = { sentAt: performance.now(), answeredAt: 0, seenAt: [] };
      changes.push(change);
      const step = Math.floor(number / teams);
      const player = players[number % teams]!;
      const answered = player.submit({
        ...{ type: 'submit-answer', step: `s${step}`, answer: `right ${step}` },
      } as const);
      const { status } = await answered;
      change.answeredAt = performance.now();
      if (status !== 'accepted') throw new Error(`change ${number} was ${status}`);
    }
    const until = performance.now() + 5_000;
    const isSeen = () => changes.at(-1)!.seenAt.length >= sizes.readers;
    while (!isSeen() && performance.now() < until) await pause(50);
  } finally {
    for (const reader of readers) reader.close();
  }
  if (firstError !== undefined) throw firstError;
  return { ...seenOf(changes.slice(sizes.warmUpChanges), sizes.readers), lost, openedPerSecond };
}

function seenOf(changes: readonly Change[], readers: number) {
  const [seen, afterAnswer, answers] = [
    new LatencyHistogram(),
    new LatencyHistogram(),
    new LatencyHistogram(),
  ];
  let missing = 0;
  for (const { sentAt, answeredAt, seenAt } of changes) {
    missing += readers - seenAt.length;
    answers.record(answeredAt - sentAt);
    for (const at of seenAt) {
      seen.record(at - sentAt);
      afterAnswer.record(at - answeredAt);
    }
  }
  return { seen, afterAnswer, answers, missing };
}

/** How many of the changes are in standings: each gives as many points. */
function changesOf(json: string): number {
  const { top } = JSON.parse(json) as { readonly top: readonly { readonly points: number }[] };
  return top.reduce((sum, { points }) => sum + points, 0) / stepPoints;
}
