import { setTimeout as pause } from 'node:timers/promises';
import { openCassandraArchive } from '@hunt/engine/cluster';
import { huntIdOf, idToHex } from '@hunt/rules';
import { createPlayerClient, type StandingRow } from '@hunt/sdk';
import type { SharedLog } from 'veltrix';
import { openKafkaSharedLog } from 'veltrix/kafka';
import { type ChaosHunt, reservationMs } from '../crowd/chaos-hunt.ts';
import { contestId } from '../crowd/contest.ts';
import type { Ledger } from '../crowd/ledger.ts';
import { DecidedLog } from './decided-log.ts';
import type { Findings } from './findings.ts';
import { endOf, readStream } from './partition-log.ts';
import { proveArchivedDecisions, proveArchivedEvents } from './prove-archive.ts';
import { proveGrants } from './prove-grants.ts';
import { proveJoins, proveOutcomes } from './prove-outcomes.ts';
import { compareStandings, foldScores, proveLedgerScores, type Scores } from './prove-standings.ts';

/** The servers and nodes whose promises are looked at. */
export interface ProvenCluster {
  readonly kafka: { readonly bootstrap: string[] };
  readonly cassandra: { readonly contactPoint: string };
  /** Those that run now. */
  readonly gatewayUrls: readonly string[];
  readonly partitionCount: number;
  readonly dedupeWindow: number;
  /** Copies of each record, one for each broker. */
  readonly replication: number;
}

/** What `hunt replay` played meanwhile. */
interface PlayedContest {
  /** The standings file as it has to be. */
  readonly oracle: string;
  readonly commands: number;
}

export interface ProofOptions {
  readonly cluster: ProvenCluster;
  readonly ledger: Ledger;
  readonly hunts: readonly ChaosHunt[];
  readonly contest: PlayedContest | undefined;
  readonly findings: Findings;
  readonly say: (what: string) => void;
}

/** What was looked at. */
export interface ProofCounts {
  readonly logged: number;
  readonly repeats: number;
  readonly ownerChanges: number;
  readonly droppedRecords: number;
  readonly granted: number;
  readonly contestedTreasures: number;
  readonly archivedCommands: number;
  readonly archivedEvents: number;
  readonly teams: number;
  /** The contest's standings are the oracle's to the byte, on every gateway; where there was one. */
  readonly contestSameStandings: boolean;
}

/** The log is at rest when nothing came for so long: retries and messages have had their time, and every reservation. */
const quietMs = reservationMs + 3_000;
const settleMs = 90_000;
/** How long the archive and the standings may take to catch up when all is well again. */
const catchUpMs = 90_000;
const lookEveryMs = 500;

/** Holds everything that was promised against the log, the archive and the standings. */
export async function prove(options: ProofOptions): Promise<ProofCounts> {
  const { cluster, ledger, hunts, findings, say } = options;
  const log = await openKafkaSharedLog({
    ...{ bootstrap: cluster.kafka.bootstrap, prefix: 'hunt' },
    ...{ partitionCount: cluster.partitionCount, dedupeWindow: cluster.dedupeWindow },
    replication: cluster.replication,
  });
  try {
    say('waiting until the log is at rest');
    const ends = await untilQuiet(log, findings);
    const decided = await readAll(log, findings);
    say(`${decided.decisions.size} decisions in the log`);
    proveOutcomes(ledger, decided, findings);
    proveJoins(ledger, decided, findings);
    const byId = new Map(hunts.map((hunt) => [idOf(hunt.id), hunt]));
    const grants = proveGrants(byId, decided, findings);
    say('comparing the standings');
    const teams = await proveStandings(options, decided);
    const contestSameStandings = await proveContest(options, decided);
    say('comparing the archive');
    const archived = await proveArchive(options, log, ends, decided);
    return {
      ...archived,
      logged: decided.commands,
      repeats: decided.repeats,
      ownerChanges: decided.owners,
      droppedRecords: decided.dropped,
      granted: grants.granted,
      contestedTreasures: grants.contested,
      teams,
      contestSameStandings,
    };
  } finally {
    await new Promise<void>((resolve) => log.close(() => resolve()));
  }
}

function idOf(hunt: string): string {
  const { low, high } = huntIdOf(hunt);
  return idToHex(low, high);
}

function partitionsOf({ identity }: SharedLog): readonly number[] {
  return Array.from({ length: identity.partitionCount }, (_, partition) => partition);
}

/** Ends of the events, by partition, once neither stream of any partition grows. */
async function untilQuiet(log: SharedLog, findings: Findings): Promise<number[]> {
  const partitions = partitionsOf(log);
  const until = performance.now() + settleMs;
  let before = '';
  let since = performance.now();
  for (;;) {
    const commands = await Promise.all(partitions.map((one) => endOf(log, one, 'commands')));
    const events = await Promise.all(partitions.map((one) => endOf(log, one, 'events')));
    const now = JSON.stringify([commands, events]);
    if (now !== before) [before, since] = [now, performance.now()];
    if (performance.now() - since >= quietMs) return events;
    if (performance.now() > until) {
      findings.add('other', `the log is not at rest ${settleMs / 1_000} s after the load`);
      return events;
    }
    await pause(lookEveryMs);
  }
}

async function readAll(log: SharedLog, findings: Findings): Promise<DecidedLog> {
  const decided = new DecidedLog(findings);
  for (const partition of partitionsOf(log)) {
    const [commands, events] = await Promise.all([
      readStream(log, partition, 'commands'),
      readStream(log, partition, 'events'),
    ]);
    decided.addPartition(partition, commands, events);
  }
  return decided;
}

/** Returns how many teams were compared. */
async function proveStandings(options: ProofOptions, decided: DecidedLog): Promise<number> {
  const { cluster, hunts, ledger, findings } = options;
  let teams = 0;
  for (const hunt of hunts) {
    const scored = foldScores(idOf(hunt.id), decided, findings);
    proveLedgerScores(hunt, scored, ledger, findings);
    teams += scored.size;
    for (const url of cluster.gatewayUrls) await proveShown(url, hunt.id, scored, findings);
  }
  return teams;
}

async function proveShown(url: string, hunt: string, scored: Scores, findings: Findings) {
  const differences = await eventuallyEqual(
    () => readStandings(url, hunt),
    (rows) => compareStandings(scored, rows),
  );
  for (const difference of differences) findings.add('lost', `${hunt} on ${url}: ${difference}`);
}

/** Differences that do not go away in time. */
async function eventuallyEqual<Read>(
  read: () => Promise<Read>,
  compare: (read: Read) => string[],
): Promise<string[]> {
  const until = performance.now() + catchUpMs;
  for (;;) {
    const differences = await read().then(compare, (error: Error) => [error.message]);
    if (differences.length === 0 || performance.now() > until) return differences;
    await pause(lookEveryMs);
  }
}

async function readStandings(baseUrl: string, hunt: string): Promise<StandingRow[]> {
  const rows: StandingRow[] = [];
  for await (const row of createPlayerClient({ baseUrl, hunt }).allStandings()) rows.push(row);
  return rows;
}

/** As `hunt standings --out` writes it; equals stand in the order of their names. */
function contestFile(rows: readonly StandingRow[]): string {
  const sorted = rows.toSorted(
    (one, other) => one.rank - other.rank || (one.name < other.name ? -1 : 1),
  );
  const lines = sorted.map(
    ({ rank, name, points, penaltySeconds }) => `${rank},${name},${points},${penaltySeconds}`,
  );
  return `${['rank,team,points,penaltySeconds', ...lines].join('\n')}\n`;
}

const submitAnswer = 0x110;

/**
 * Each line of the contest was decided once: as many answers were judged as there are lines. Says whether the
 * standings are the oracle's.
 */
async function proveContest(options: ProofOptions, decided: DecidedLog): Promise<boolean> {
  const { cluster, contest, ledger, findings } = options;
  const contestCommands = contest?.commands ?? 0;
  let judged = 0;
  for (const { commandId, type } of decided.decisions.values()) {
    if (type === submitAnswer && !ledger.entries.has(commandId)) judged += 1;
  }
  // Answers of the crowd that were given up may be there, too.
  const doubtful = ledger.inDoubt.size > 0;
  if (judged < contestCommands || (judged > contestCommands && !doubtful)) {
    findings.add('lost', `${judged} answers were judged; the contest has ${contestCommands}`);
  }
  if (contest === undefined) return true;
  let isSame = true;
  for (const url of cluster.gatewayUrls) {
    const shown = await eventuallyEqual(
      () => readStandings(url, contestId),
      (rows) => (contestFile(rows) === contest.oracle ? [] : ["not the oracle's"]),
    );
    if (shown.length === 0) continue;
    isSame = false;
    findings.add('lost', `contest on ${url}: standings are ${shown.join()}`);
  }
  return isSame;
}

async function proveArchive(
  { cluster, contest, ledger, hunts, findings }: ProofOptions,
  log: SharedLog,
  ends: readonly number[],
  decided: DecidedLog,
): Promise<{ readonly archivedCommands: number; readonly archivedEvents: number }> {
  const partitions = partitionsOf(log);
  const archive = await openCassandraArchive({
    contactPoints: [cluster.cassandra.contactPoint],
    localDataCenter: 'datacenter1',
    keyspace: 'hunt',
    replication: { class: 'SimpleStrategy', replication_factor: '1' },
    logId: log.identity.logId,
  });
  try {
    const behind = await eventuallyEqual(
      () => Promise.all(partitions.map((partition) => archive.nextOffset(partition))),
      (next) =>
        partitions
          .filter((partition) => next[partition]! < lastCounted(decided, partition) + 1)
          .map((partition) => `partition ${partition} at ${next[partition]} of ${ends[partition]}`),
    );
    for (const one of behind) findings.add('lost', `the archive does not catch up: ${one}`);
    const archivedCommands = await proveArchivedDecisions(archive, ledger, decided, findings);
    let archivedEvents = 0;
    for (const id of [...hunts.map((hunt) => hunt.id), ...(contest ? [contestId] : [])]) {
      archivedEvents += await proveArchivedEvents(archive, idOf(id), decided, findings);
    }
    return { archivedCommands, archivedEvents };
  } finally {
    await archive.close();
  }
}

/** Offset of the last decision record that counts. */
function lastCounted(decided: DecidedLog, partition: number): number {
  let last = 0;
  for (const decision of decided.decisions.values()) {
    if (decision.partition === partition) last = Math.max(last, decision.offset);
  }
  return last;
}
