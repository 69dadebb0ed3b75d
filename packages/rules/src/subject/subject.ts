import { CommandRecordBuilder, type Decision } from 'veltrix';

/*
 * Commands, messages and events of a hunt share one layout: who and what it is about, then up to 16
 * more bytes. So routing, archiving and views read the subject of any of them without knowing it.
 *
 *    0 u64 hunt      8 u64 team      16 u64 player (0: nobody)
 *   24 u16 item: number of the step or treasure    26 u16 detail    28 i32 value
 *   32 16 bytes extra, where the type has them; a few types have 8 more
 */
export const subjectBytes = 32;
export const extraBytes = 16;
/** Extra bytes of types that name a reservation: its row and number (i32 each) stand after the 16. */
export const reservationExtraBytes = 24;

const itemAt = 24;
const detailAt = 26;
const valueAt = 28;
const extraAt = 32;

/** An opaque 64-bit id as two 32-bit words, low word first, as it lies in records and tables. */
export interface Id {
  readonly low: number;
  readonly high: number;
}

export const noId: Id = { low: 0, high: 0 };

/** Reads the subject at a payload start; cheap enough to read field by field. */
export const subject = {
  huntLow: (view: DataView, start: number) => view.getInt32(start, true),
  huntHigh: (view: DataView, start: number) => view.getInt32(start + 4, true),
  teamLow: (view: DataView, start: number) => view.getInt32(start + 8, true),
  teamHigh: (view: DataView, start: number) => view.getInt32(start + 12, true),
  playerLow: (view: DataView, start: number) => view.getInt32(start + 16, true),
  playerHigh: (view: DataView, start: number) => view.getInt32(start + 20, true),
  /** Where the 16 bytes of team and player start. */
  member: (start: number) => start + 8,
  item: (view: DataView, start: number) => view.getUint16(start + itemAt, true),
  detail: (view: DataView, start: number) => view.getUint16(start + detailAt, true),
  value: (view: DataView, start: number) => view.getInt32(start + valueAt, true),
  /** Where the extra bytes start. */
  extra: (start: number) => start + extraAt,
};

/** What stands at `subject.member`. */
export function memberKey(team: Id, player: Id): DataView {
  const view = new DataView(new ArrayBuffer(16));
  for (const [index, word] of [team.low, team.high, player.low, player.high].entries()) {
    view.setInt32(index * 4, word, true);
  }
  return view;
}

export function readId(view: DataView, start: number): Id {
  return { low: view.getInt32(start, true), high: view.getInt32(start + 4, true) };
}

/** Copies hunt, team and player of a command, message or event. */
export function copyWho(to: DataView, toStart: number, from: DataView, fromStart: number): void {
  for (let byte = 0; byte < itemAt; byte += 4) {
    to.setInt32(toStart + byte, from.getInt32(fromStart + byte, true), true);
  }
}

export function writeWhat(
  view: DataView,
  start: number,
  item: number,
  detail: number,
  value: number,
): void {
  view.setUint16(start + itemAt, item, true);
  view.setUint16(start + detailAt, detail, true);
  view.setInt32(start + valueAt, value, true);
}

/** Adds an event about the same hunt, team and player as `from`; returns its payload start. */
export function eventAbout(
  decision: Decision,
  type: number,
  version: number,
  from: { readonly view: DataView; readonly payloadStart: number },
  what: readonly [item: number, detail: number, value: number],
  extra = 0,
): number {
  const start = decision.event(type, version, subjectBytes + extra);
  const { view } = decision;
  copyWho(view, start, from.view, from.payloadStart);
  writeWhat(view, start, what[0], what[1], what[2]);
  return start;
}

/** Sends a message about the same hunt, team and player as `from`; returns its payload start. */
export function messageAbout(
  decision: Decision,
  partition: number,
  type: number,
  from: { readonly view: DataView; readonly payloadStart: number },
  what: readonly [item: number, detail: number, value: number],
  extra = extraBytes,
): number {
  const start = decision.send(partition, type, subjectBytes + extra);
  const { view } = decision;
  copyWho(view, start, from.view, from.payloadStart);
  writeWhat(view, start, what[0], what[1], what[2]);
  return start;
}

/** Copies 16 extra bytes. */
export function copyExtra(to: DataView, toStart: number, from: DataView, fromStart: number): void {
  for (let byte = 0; byte < extraBytes; byte += 4) {
    to.setInt32(toStart + byte, from.getInt32(fromStart + byte, true), true);
  }
}

/** A command as a gateway puts it into a record. */
export interface SubjectCommand {
  readonly type: number;
  readonly receivedAt: number;
  /** 16 bytes. */
  readonly commandId: Uint8Array;
  readonly hunt: Id;
  readonly team: Id;
  readonly player: Id;
  readonly item?: number;
  readonly detail?: number;
  readonly value?: number;
  /** What comes after the subject, for the types that have something: 16 bytes; the JSON of a hunt is longer. */
  readonly extra?: Uint8Array;
}

/** Adds a command to a record under construction. */
export function addCommand(builder: CommandRecordBuilder, command: SubjectCommand): void {
  const start = builder.add(
    command.type,
    0,
    command.receivedAt,
    subjectBytes + (command.extra?.length ?? 0),
  );
  const { view, bytes } = builder.buffer;
  bytes.set(command.commandId, CommandRecordBuilder.idStart(start));
  view.setInt32(start, command.hunt.low, true);
  view.setInt32(start + 4, command.hunt.high, true);
  view.setInt32(start + 8, command.team.low, true);
  view.setInt32(start + 12, command.team.high, true);
  view.setInt32(start + 16, command.player.low, true);
  view.setInt32(start + 20, command.player.high, true);
  writeWhat(view, start, command.item ?? 0, command.detail ?? 0, command.value ?? 0);
  if (command.extra) bytes.set(command.extra, start + extraAt);
}
