import type { LiveHunt } from '../hunt/live-hunt.ts';
import { partitionOf } from '../subject/partition-of.ts';
import { subject } from '../subject/subject.ts';
import type { HuntTables } from './hunt-tables.ts';

interface About {
  readonly view: DataView;
  readonly payloadStart: number;
}

/** The hunt of a command, message or event, if this partition knows it. */
export function findHuntOf(
  tables: HuntTables,
  { view, payloadStart }: About,
): LiveHunt | undefined {
  return tables.findHunt(subject.huntLow(view, payloadStart), subject.huntHigh(view, payloadStart));
}

/** The hunt of an event: it was there when the event was decided. */
export function huntOf(tables: HuntTables, about: About): LiveHunt {
  return findHuntOf(tables, about)!;
}

/** Row of the team of an event, or -1. */
export function teamRowOf(tables: HuntTables, hunt: LiveHunt, about: About): number {
  return tables.findTeam(
    hunt,
    subject.teamLow(about.view, about.payloadStart),
    subject.teamHigh(about.view, about.payloadStart),
  );
}

/** The partition of the team of a message, whether or not this partition knows the hunt. */
export function partitionOfTeam(tables: HuntTables, { view, payloadStart }: About): number {
  return partitionOf(
    tables.context.partitionCount,
    subject.huntLow(view, payloadStart),
    subject.huntHigh(view, payloadStart),
    subject.teamLow(view, payloadStart),
    subject.teamHigh(view, payloadStart),
  );
}

/** The partition of the player of a message, whether or not this partition knows the hunt. */
export function partitionOfPlayer(tables: HuntTables, { view, payloadStart }: About): number {
  return partitionOf(
    tables.context.partitionCount,
    subject.huntLow(view, payloadStart),
    subject.huntHigh(view, payloadStart),
    subject.playerLow(view, payloadStart),
    subject.playerHigh(view, payloadStart),
  );
}
