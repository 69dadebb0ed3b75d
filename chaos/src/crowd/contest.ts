import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crowdTrace } from '@hunt/cli';
import { type HuntRun, runHunt, standingsOracle } from '@hunt/cli/testing';
import { huntFromTrace } from '@hunt/rules/definition';

export interface ContestOptions {
  readonly directory: string;
  readonly seed: number;
  /** For how long commands are to be sent. */
  readonly seconds: number;
  /** A recorded contest in place of one that is made up: CSV of seconds, team, problem, verdict. */
  readonly trace: string | undefined;
}

export const contestId = 'chaos-contest';
const teams = 300;
const problems = 10;
const submissionsPerSecond = 40;
const contestSeconds = 18_000;
const clients = 8;
/** A fault may last for a minute, and another one follow at once. */
const patienceSeconds = 600;

/** A contest that `hunt replay` plays on the cluster while things break. */
export class Contest {
  /** What the standings have to be in the end, by a calculation that shares nothing with the engine. */
  readonly oracle: string;
  readonly commands: number;
  readonly #flags: readonly string[];

  constructor({ directory, seed, seconds, trace }: ContestOptions) {
    const csv =
      trace === undefined
        ? crowdTrace({
            ...{ teams, problems, seed, seconds: contestSeconds },
            submissions: Math.ceil(seconds * submissionsPerSecond),
          })
        : readFileSync(trace, 'utf8');
    const [traceFile, huntFile] = ['contest.csv', 'contest.yaml'].map((name) =>
      path.join(directory, name),
    ) as [string, string];
    writeFileSync(traceFile, csv);
    writeFileSync(huntFile, huntFromTrace(csv, { id: contestId, title: 'Contest under chaos' }));
    const rows = csv.trim().split('\n').slice(1);
    const last = Number(rows.at(-1)!.split(',')[0]);
    const speed = Math.max(1, Math.round(last / seconds));
    this.oracle = standingsOracle(csv);
    this.commands = rows.length;
    this.#flags = [
      ...['replay', '--hunt', huntFile, '--trace', traceFile, '--json'],
      ...['--speed', String(speed), '--clients', String(clients)],
      ...['--patience', String(patienceSeconds)],
    ];
  }

  /** Resolves when every command is acknowledged and was asked for again. Rejects when the signal aborts. */
  replay(gatewayUrl: string, organiserKey: string, signal: AbortSignal): Promise<HuntRun> {
    const env = { HUNT_ORGANISER_KEY: organiserKey };
    return runHunt([...this.#flags, '--target', gatewayUrl], env, signal);
  }
}
