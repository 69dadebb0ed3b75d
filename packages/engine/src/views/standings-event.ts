import {
  eventType,
  outcome,
  type PublishedHunt,
  subject,
  subjectBytes,
  type TieRule,
} from '@hunt/rules';
import { type EventView, veltrixErrors } from 'veltrix';

/** The version of the events this release reads. Others stop the views rather than bend them. */
const knownVersion = 1;
/** Extra bytes of `stepSolved` and `bonusGranted`. */
const scoreBytes = subjectBytes + 16;

/** By type, the bytes that an event needs; 0 where it says nothing about a team's standing. */
const leastBytes = new Uint16Array(0x200);
for (const type of [eventType.stepSolved, eventType.bonusGranted]) leastBytes[type] = scoreBytes;
for (const type of [
  eventType.answerRejected,
  eventType.hintTaken,
  eventType.claimSettled,
  eventType.collectSettled,
  eventType.teamRegistered,
]) {
  leastBytes[type] = subjectBytes;
}

/** What events change. Ids are words: low, high. */
export interface StandingsTarget<Hunt> {
  /** Undefined: the event is let go. */
  hunt(low: number, high: number): Hunt | undefined;
  setTies(hunt: Hunt, ties: TieRule): void;
  register(hunt: Hunt, low: number, high: number): void;
  solve(
    hunt: Hunt,
    low: number,
    high: number,
    points: number,
    penaltySeconds: number,
    at: number,
  ): void;
  /** @param at when, ms since the epoch; may be earlier than what was given before */
  giveBonus(hunt: Hunt, low: number, high: number, points: number, at: number): void;
  /** @param points not 0: what takes no points says nothing of the team, and may be about one that is not known */
  takePoints(hunt: Hunt, low: number, high: number, points: number): void;
  countWrong(hunt: Hunt): void;
  countGranted(hunt: Hunt): void;
}

/** Throws `veltrix-event-unknown` and `veltrix-record-invalid` for an event that this release cannot read. */
export function checkStandingsEvent(event: EventView, partition: number, offset: number): void {
  const least = leastBytes[event.type] ?? 0;
  if (least === 0) return;
  const { type, version } = event;
  if (version !== knownVersion) {
    throw veltrixErrors.create('veltrix-event-unknown', { type, version, offset, partition });
  }
  const size = event.payloadEnd - event.payloadStart;
  if (size < least) throw unreadableRecord(offset, `event ${type} has ${size} of ${least} bytes`);
}

/** What a checked event says about standings; other events are let go. */
export function showStandingsEvent<Hunt>(event: EventView, target: StandingsTarget<Hunt>): void {
  const { type } = event;
  if (type !== eventType.huntPublished && (leastBytes[type] ?? 0) === 0) return;
  const { view, payloadStart } = event;
  const hunt = target.hunt(
    subject.huntLow(view, payloadStart),
    subject.huntHigh(view, payloadStart),
  );
  if (hunt === undefined) return;
  if (type === eventType.huntPublished) return target.setTies(hunt, tiesOf(event));
  // A treasure counts as granted where the team's own state counts it, so that seeds and events agree.
  if (type === eventType.claimSettled || type === eventType.collectSettled) {
    const counts = type === eventType.claimSettled ? outcome.granted : outcome.collected;
    if (subject.detail(view, payloadStart) === counts) target.countGranted(hunt);
    return;
  }
  const low = subject.teamLow(view, payloadStart);
  const high = subject.teamHigh(view, payloadStart);
  if (type === eventType.teamRegistered) return target.register(hunt, low, high);
  const value = subject.value(view, payloadStart);
  if (type === eventType.answerRejected || type === eventType.hintTaken) {
    if (value !== 0) target.takePoints(hunt, low, high, value);
    if (type === eventType.answerRejected) target.countWrong(hunt);
    return;
  }
  const extra = subject.extra(payloadStart);
  const at = view.getFloat64(extra + 8, true);
  if (type === eventType.bonusGranted) target.giveBonus(hunt, low, high, value, at);
  else target.solve(hunt, low, high, value, view.getInt32(extra, true), at);
}

export function unreadableRecord(offset: number, reason: string): Error {
  return veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
}

function tiesOf({ view, bytes, payloadStart }: EventView): TieRule {
  const start = payloadStart + subjectBytes;
  const json = bytes.subarray(start, start + subject.value(view, payloadStart));
  return (JSON.parse(new TextDecoder().decode(json)) as PublishedHunt).definition.ties;
}
