import type { LiveHunt } from '../hunt/live-hunt.ts';
import { subject } from '../subject/subject.ts';
import type { HuntTables } from './hunt-tables.ts';

interface About {
  readonly view: DataView;
  readonly payloadStart: number;
}

/** The hunt of an event: it was there when the event was decided. */
export function huntOf(tables: HuntTables, { view, payloadStart }: About): LiveHunt {
  return tables.findHunt(
    subject.huntLow(view, payloadStart),
    subject.huntHigh(view, payloadStart),
  )!;
}

/** Row of the team of an event, or -1. */
export function teamRowOf(tables: HuntTables, hunt: LiveHunt, about: About): number {
  return tables.findTeam(
    hunt,
    subject.teamLow(about.view, about.payloadStart),
    subject.teamHigh(about.view, about.payloadStart),
  );
}
