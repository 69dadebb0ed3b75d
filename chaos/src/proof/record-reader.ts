/*
 * A reader of commands and events as docs/log-format.md describes them, written from that page alone: the
 * proof shares no code with what it judges.
 */

/** One decision with what the proof needs of its events. */
export interface ReadDecision {
  /** 32 hexadecimal digits. */
  readonly commandId: string;
  /** 0 accepted, 1 rejected, 2 repeated, 3 failed. */
  readonly status: number;
  /** Of a repeated one: what it was first. */
  readonly firstStatus: number;
  readonly type: number;
  readonly code: number;
  readonly a: number;
  readonly b: number;
  readonly receivedAt: number;
  readonly events: readonly ReadEvent[];
}

/** An event of a hunt; its payload begins with hunt, team, player, item, detail and value. */
export interface ReadEvent {
  /** Place among all events of the record, also the platform's. */
  readonly index: number;
  readonly type: number;
  readonly hunt: string;
  readonly team: string;
  readonly player: string;
  readonly item: number;
  readonly detail: number;
  readonly value: number;
  /** The payload. */
  readonly payload: DataView;
}

export type EventRecord =
  | { readonly kind: 'owner'; readonly epoch: number }
  | {
      readonly kind: 'decisions';
      readonly epoch: number;
      readonly sequence: number;
      readonly commandOffset: number;
      readonly decisions: readonly ReadDecision[];
    };

const applicationTypes = 0x100;

/** Ids of the commands in a command record, in order. Throws for what is no such record. */
export function readCommandIds(bytes: Uint8Array): string[] {
  const view = viewOf(bytes);
  demand(bytes[0] === 1 && bytes[1] === 1, 'a command record');
  const ids: string[] = [];
  let at = 24;
  for (let left = view.getUint32(4, true); left > 0; left--) {
    const size = view.getUint32(at, true);
    demand(size >= 32 && size % 8 === 0 && at + size <= bytes.length, 'a command');
    ids.push(hex(bytes, at + 16, 16));
    at += size;
  }
  demand(at === bytes.length, 'commands that fill their record');
  return ids;
}

/** Throws for what is neither decisions nor an owner. */
export function readEventRecord(bytes: Uint8Array): EventRecord {
  const view = viewOf(bytes);
  demand(bytes[0] === 1 && (bytes[1] === 2 || bytes[1] === 3), 'an event record');
  if (bytes[1] === 3) return { kind: 'owner', epoch: view.getUint32(4, true) };
  const decisions: ReadDecision[] = [];
  let events = 0;
  let at = 32;
  for (let left = view.getUint32(4, true); left > 0; left--) {
    const size = view.getUint32(at, true);
    demand(size >= 48 && size % 8 === 0 && at + size <= bytes.length, 'a decision');
    decisions.push(readDecision(bytes, view, at, size, events));
    events += view.getUint16(at + 6, true);
    at += size;
  }
  demand(at === bytes.length, 'decisions that fill their record');
  return {
    kind: 'decisions',
    epoch: view.getUint32(8, true),
    sequence: view.getUint32(20, true),
    commandOffset: Number(view.getBigUint64(24, true)),
    decisions,
  };
}

function readDecision(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  size: number,
  firstEvent: number,
): ReadDecision {
  const events: ReadEvent[] = [];
  let index = firstEvent;
  let at = start + 48;
  for (let left = view.getUint16(start + 6, true); left > 0; left--) {
    const eventSize = view.getUint32(at, true);
    demand(eventSize >= 8 && eventSize % 8 === 0 && at + eventSize <= start + size, 'an event');
    const type = view.getUint16(at + 4, true);
    if (type >= applicationTypes) {
      events.push({ index, ...readEvent(bytes, type, at + 8, at + eventSize) });
    }
    index += 1;
    at += eventSize;
  }
  demand(at === start + size, 'events that fill their decision');
  return {
    commandId: hex(bytes, start + 24, 16),
    status: bytes[start + 4]!,
    firstStatus: bytes[start + 5]!,
    type: view.getUint16(start + 8, true),
    code: view.getUint16(start + 10, true),
    a: view.getInt32(start + 40, true),
    b: view.getInt32(start + 44, true),
    receivedAt: view.getFloat64(start + 16, true),
    events,
  };
}

function readEvent(
  bytes: Uint8Array,
  type: number,
  start: number,
  end: number,
): Omit<ReadEvent, 'index'> {
  const payload = viewOf(bytes.slice(start, end));
  return {
    type,
    hunt: idAt(payload, 0),
    team: idAt(payload, 8),
    player: idAt(payload, 16),
    item: payload.getUint16(24, true),
    detail: payload.getUint16(26, true),
    value: payload.getInt32(28, true),
    payload,
  };
}

/** Ids of hunts, teams and players are shown with their highest digit first. */
function idAt(payload: DataView, at: number): string {
  return payload.getBigUint64(at, true).toString(16).padStart(16, '0');
}

/** 16 bytes of an event's payload as a command id. */
export function commandIdAt({ payload }: ReadEvent, at: number): string {
  return hex(new Uint8Array(payload.buffer), payload.byteOffset + at, 16);
}

function hex(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('hex');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`the log holds something that is not ${what}`);
}
