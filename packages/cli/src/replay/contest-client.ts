import type { BatchResult } from '@hunt/sdk';
import { cliErrors } from '../errors.ts';
import { type ContestCommand, lineOf } from './recorded-contest.ts';
import { persist, type ReplayTarget } from './replay-target.ts';

export interface ContestClientOptions {
  readonly target: ReplayTarget;
  readonly hunt: string;
  readonly commands: readonly ContestCommand[];
  readonly batchMax: number;
  readonly signal: AbortSignal;
  readonly onResult: (index: number, result: Exclude<BatchResult, { status: 'not-taken' }>) => void;
  /** Milliseconds from the first attempt at a request until it was answered. */
  readonly onAnswered: (waitMs: number) => void;
  /** When the next command may be sent, and whether another may go with it. */
  readonly pace: { isDue(index: number): boolean; untilDue(index: number): Promise<void> };
}

/** How often a command that found no room is offered again. */
const offersMax = 100;

/**
 * Sends its share of the commands, in order, a batch at a time: the next one leaves when the last one
 * was answered. What was not answered is sent again with the same ids.
 */
export async function runContestClient(
  indexes: readonly number[],
  options: ContestClientOptions,
): Promise<void> {
  const { pace, batchMax } = options;
  for (let from = 0; from < indexes.length; ) {
    await pace.untilDue(indexes[from]!);
    let to = from + 1;
    while (to < indexes.length && to - from < batchMax && pace.isDue(indexes[to]!)) to += 1;
    await sendBatch(indexes.slice(from, to), options);
    from = to;
  }
}

async function sendBatch(indexes: readonly number[], options: ContestClientOptions): Promise<void> {
  const { target, hunt, commands, signal } = options;
  const startedAt = performance.now();
  let open = indexes;
  for (let offer = 1; open.length > 0; offer++) {
    if (offer > 1) await target.pause(offer);
    const batch = open.map((index) => commands[index]!);
    const results = await persist(target, signal, (client) => client.record(hunt, batch, signal));
    open = takeResults(open, results, options, offer);
  }
  options.onAnswered(performance.now() - startedAt);
}

/** Hands the outcomes on; returns what the server did not take and has to be sent again. */
function takeResults(
  indexes: readonly number[],
  results: readonly BatchResult[],
  { commands, onResult }: ContestClientOptions,
  offer: number,
): number[] {
  const open: number[] = [];
  const waitingTeams = new Set<string>();
  for (const [place, result] of results.entries()) {
    const index = indexes[place]!;
    const { team } = commands[index]!;
    if (result.status === 'not-taken') {
      // A malformed command stays so; one that found no room is taken later.
      const hopeless = result['retry'] === 'never' || offer >= offersMax;
      if (hopeless) throw notTaken(index, result.code);
      // One that is only slow to be decided has its place in the log already.
      if (result['undecidedCommandId'] === undefined) waitingTeams.add(team);
      open.push(index);
    } else if (waitingTeams.has(team)) {
      // A later command of the team was decided before an earlier one: its order is lost.
      throw notTaken(open.at(-1)!, 'taken out of order');
    } else onResult(index, result);
  }
  return open;
}

function notTaken(index: number, code: string): Error {
  return cliErrors.create('cli-command-not-taken', { line: lineOf(index), code });
}
