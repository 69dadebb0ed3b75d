import { subjectBytes } from '@hunt/rules';

/** An event to be written for a test: a subject, and where needed its extra bytes as fields. */
export interface WrittenEvent {
  readonly type: number;
  readonly version?: number;
  /** 16 hexadecimal digits. */
  readonly hunt: string;
  readonly team: string;
  readonly item?: number;
  readonly detail?: number;
  readonly value?: number;
  /** Seconds; at extra + 0. */
  readonly penaltySeconds?: number;
  /** Milliseconds since the epoch; at extra + 8. */
  readonly at?: number;
  /** 32 hexadecimal digits: all of extra, in place of the fields above. */
  readonly settles?: string;
}

export interface WrittenDecision {
  /** 32 hexadecimal digits; default zeros. */
  readonly commandId?: string;
  readonly commandType?: number;
  readonly status?: number;
  readonly code?: number;
  readonly a?: number;
  readonly b?: number;
  readonly receivedAt?: number;
  readonly events: readonly WrittenEvent[];
}

const recordHeader = 32;
const decisionHeader = 48;
const eventBytes = 8 + subjectBytes + 16;

/** Writes a decision record as docs/log-format.md describes it, apart from the code that does it live. */
export function writtenDecisions(decisions: readonly WrittenDecision[]): Uint8Array {
  const events = decisions.reduce((sum, decision) => sum + decision.events.length, 0);
  const size = recordHeader + decisions.length * decisionHeader + events * eventBytes;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setUint32(4, decisions.length, true);
  let position = recordHeader;
  for (const decision of decisions) {
    const { events: own } = decision;
    view.setUint32(position, decisionHeader + own.length * eventBytes, true);
    view.setUint8(position + 4, decision.status ?? 0);
    view.setUint16(position + 6, own.length, true);
    view.setUint16(position + 8, decision.commandType ?? 0x110, true);
    view.setUint16(position + 10, decision.code ?? 0x110, true);
    view.setFloat64(position + 16, decision.receivedAt ?? 0, true);
    bytes.set(Buffer.from(decision.commandId ?? '0'.repeat(32), 'hex'), position + 24);
    view.setInt32(position + 40, decision.a ?? 0, true);
    view.setInt32(position + 44, decision.b ?? 0, true);
    position += decisionHeader;
    for (const event of own) {
      writeEvent(view, position, event);
      position += eventBytes;
    }
  }
  return bytes;
}

function writeEvent(view: DataView, start: number, event: WrittenEvent): void {
  view.setUint32(start, eventBytes, true);
  view.setUint16(start + 4, event.type, true);
  view.setUint16(start + 6, event.version ?? 1, true);
  const payload = start + 8;
  view.setBigUint64(payload, BigInt(`0x${event.hunt}`), true);
  view.setBigUint64(payload + 8, BigInt(`0x${event.team}`), true);
  view.setUint16(payload + 24, event.item ?? 0, true);
  view.setUint16(payload + 26, event.detail ?? 0, true);
  view.setInt32(payload + 28, event.value ?? 0, true);
  view.setInt32(payload + subjectBytes, event.penaltySeconds ?? 0, true);
  view.setFloat64(payload + subjectBytes + 8, event.at ?? 0, true);
  if (event.settles === undefined) return;
  const extra = new Uint8Array(view.buffer, view.byteOffset + payload + subjectBytes, 16);
  extra.set(Buffer.from(event.settles, 'hex'));
}
