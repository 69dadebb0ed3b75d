import { readHunt } from '../check/hunt-file.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { OwnServer } from '../server-process/own-server.ts';
import { remoteClient } from '../server-process/remote-server.ts';
import { readText, replaceText } from '../terminal/files.ts';
import { longWork } from '../terminal/long-work.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { recordedContest } from './recorded-contest.ts';
import { type ReplayReport, replay } from './replay.ts';
import { pauseAfter } from './replay-target.ts';

export interface ReplayFlags {
  readonly hunt: string;
  readonly trace: string;
  readonly speed: number;
  readonly clients: number;
  /** Seconds. */
  readonly patience: number;
  readonly killEvery: number | undefined;
  readonly target: string | undefined;
  readonly data: string;
  readonly partitions: number | undefined;
  readonly standings: string | undefined;
  readonly json: boolean;
}

/** Replays against the target or a server of its own, which is gone afterwards whatever happens. */
export async function runReplay(flags: ReplayFlags, terminal: Terminal): Promise<ExitCode> {
  const hunt = readHunt(flags.hunt);
  const contest = recordedContest(readText(flags.trace), hunt.definition);
  const { target, data, partitions, killEvery } = flags;
  const remote = target === undefined ? undefined : remoteClient(target, terminal.env);
  const patienceMs = flags.patience * 1_000;
  const own = new OwnServer({ data, hunt: flags.hunt, partitions }, patienceMs);
  return longWork(terminal, flags.json, async ({ signal, progress }) => {
    try {
      const { report, standings } = await replay({
        ...{ hunt, contest, speed: flags.speed, clients: flags.clients },
        target: remote ? { client: async () => remote, pause: pauseAfter, patienceMs } : own,
        kill: killEvery === undefined ? undefined : { everyMs: killEvery * 1_000, server: own },
        signal,
        onProgress: (done) => {
          const all = contest.commands.length;
          progress.show(`${done} of ${all} commands, ${own.restarts} restarts`);
        },
      });
      progress.clear();
      if (flags.standings !== undefined) replaceText(flags.standings, standings);
      show(report, flags.json, terminal);
      return report.lost === 0 ? exitCode.ok : exitCode.foundWrong;
    } finally {
      await own.stop();
    }
  });
}

function show(report: ReplayReport, json: boolean, terminal: Terminal): void {
  if (json) terminal.out(`${JSON.stringify(report)}\n`);
  else {
    for (const [name, value] of Object.entries(report)) {
      terminal.out(`${name.padEnd(18)} ${value}\n`);
    }
  }
}
