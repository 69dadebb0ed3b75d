import type { HuntFile } from '../check/hunt-file.ts';
import { cliErrors } from '../errors.ts';
import { sha256, standingsFile } from '../standings/standings-file.ts';
import { type ContestClientOptions, runContestClient } from './contest-client.ts';
import { contestStandings } from './contest-standings.ts';
import { dueTimes, Pace } from './pace.ts';
import { divideByTeam, type RecordedContest } from './recorded-contest.ts';
import { persist, type ReplayTarget } from './replay-target.ts';
import { Tally, type TallyReport } from './tally.ts';

/** A server that can be killed and comes back on the same data. */
interface KillableTarget extends ReplayTarget {
  readonly restarts: number;
  killAndRestart(): Promise<void>;
}

export interface ReplayOptions {
  readonly hunt: HuntFile;
  readonly contest: RecordedContest;
  readonly target: ReplayTarget;
  /** With it the server dies by SIGKILL every so often, at least twice under load and once after. */
  readonly kill?: { readonly everyMs: number; readonly server: KillableTarget } | undefined;
  readonly speed: number;
  readonly clients: number;
  readonly signal: AbortSignal;
  readonly onProgress: (acknowledged: number) => void;
}

export interface ReplayReport extends TallyReport {
  readonly teams: number;
  /** Acknowledged outcomes that the server no longer gives. */
  readonly lost: number;
  readonly seconds: number;
  readonly commandsPerSecond: number;
  readonly restarts: number;
  readonly standingsSha256: string;
}

/** Commands in flight over all clients stay well below what a server holds at once. */
const inflightMax = 10_000;
const batchMax = 100;
/** The load lasts this many killings, so that two of them always fall into it. */
const killingsInLoad = 2.5;
const namesPerRequest = 1_000;

/** Sends a recorded contest to a server, checks that nothing acknowledged is lost, and reads the standings. */
export async function replay(
  options: ReplayOptions,
): Promise<{ report: ReplayReport; standings: string }> {
  const { hunt, contest, target, kill, signal } = options;
  await persist(target, signal, (client) => client.publish(hunt.source, signal));
  const teamNames = await registerTeams(options);
  const tally = new Tally(contest.commands.length);
  const seconds = await sendAll(options, tally);
  if (kill) await kill.server.killAndRestart();
  const standings = standingsFile(
    await contestStandings(target, signal, hunt.definition.id, teamNames, tally.correct),
  );
  const lost = await countLost(options, tally);
  const report = {
    teams: contest.teams.length,
    ...tally.report(),
    lost,
    seconds: Math.round(seconds * 1_000) / 1_000,
    commandsPerSecond: Math.round(contest.commands.length / seconds),
    restarts: kill?.server.restarts ?? 0,
    standingsSha256: sha256(standings),
  };
  return { report, standings };
}

/** Names by the server's ids. Throws cli-trace-teams-alike. */
async function registerTeams({
  target,
  hunt,
  contest,
  signal,
}: ReplayOptions): Promise<ReadonlyMap<string, string>> {
  const registered = new Map<string, string>();
  for (let from = 0; from < contest.teams.length; from += namesPerRequest) {
    const some = contest.teams.slice(from, from + namesPerRequest);
    const rows = await persist(target, signal, (client) =>
      client.registerTeams(hunt.definition.id, some, signal),
    );
    for (const [index, { team }] of rows.entries()) {
      const other = registered.get(team);
      const name = some[index]!;
      if (other !== undefined) {
        throw cliErrors.create('cli-trace-teams-alike', { team: name, other });
      }
      registered.set(team, name);
    }
  }
  return registered;
}

/** Seconds that it took. */
async function sendAll(options: ReplayOptions, tally: Tally): Promise<number> {
  const { hunt, contest, kill, speed } = options;
  const { opensAt } = hunt.definition;
  const { durationMs, commands } = contest;
  const leastMs = (kill?.everyMs ?? 0) * killingsInLoad;
  const pace = new Pace(dueTimes(commands, { speed, opensAt, leastMs, durationMs }));
  const startedAt = performance.now();
  pace.run();
  const killing = new AbortController();
  const killed = kill && killAgainAndAgain(kill, pace, killing.signal);
  const sent = sendWithAllClients(options, {
    pace,
    onResult: (index, result) => {
      tally.acknowledge(index, result);
      options.onProgress(tally.acknowledged);
    },
    onAnswered: (waitMs) => tally.answered(waitMs),
  });
  try {
    // A server that does not come back ends the load at once.
    await Promise.race([sent, failureOf(killed)]);
  } finally {
    killing.abort();
    // Also after a failure: a restart under way has to end before the server can be stopped.
    await killed?.catch(() => {});
  }
  await killed;
  return (performance.now() - startedAt) / 1_000;
}

/** Never resolves. */
function failureOf(work: Promise<void> | undefined): Promise<never> {
  return new Promise((_, reject) => work?.catch(reject));
}

type Load = Pick<ContestClientOptions, 'pace' | 'onResult' | 'onAnswered'>;

/** Ends with the first client that fails: what the others do no longer counts. */
async function sendWithAllClients(options: ReplayOptions, load: Load): Promise<void> {
  const { contest, hunt, target, clients } = options;
  const failure = new AbortController();
  const shared = {
    ...load,
    target,
    hunt: hunt.definition.id,
    commands: contest.commands,
    batchMax: Math.max(1, Math.min(batchMax, Math.floor(inflightMax / clients))),
    signal: AbortSignal.any([options.signal, failure.signal]),
  };
  const parts = divideByTeam(contest, clients);
  const runs = parts.map((indexes) => runContestClient(indexes, shared));
  try {
    await Promise.all(runs);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(runs);
    throw error;
  }
}

async function killAgainAndAgain(
  { everyMs, server }: NonNullable<ReplayOptions['kill']>,
  pace: Pace,
  signal: AbortSignal,
): Promise<void> {
  while (await elapsed(everyMs, signal)) {
    pace.pause();
    await server.killAndRestart();
    pace.run();
  }
}

/** True after `ms`, false as soon as the signal aborts. */
function elapsed(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve(false);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Sends every command again under its id: what was acknowledged must come back, as a repeat. */
async function countLost(options: ReplayOptions, tally: Tally): Promise<number> {
  let lost = 0;
  await sendWithAllClients(options, {
    pace: { isDue: () => true, untilDue: async () => {} },
    onResult: (index, result) => {
      if (!tally.isKept(index, result)) lost += 1;
    },
    onAnswered: () => {},
  });
  return lost;
}
