import { idToHex, readId, subject, subjectBytes } from '@hunt/rules';

/** A command, message or timer of a hunt as plain values. */
export interface ModelMessage {
  readonly type: number;
  readonly receivedAt: number;
  /** 16 hexadecimal digits each. */
  readonly hunt: string;
  readonly team: string;
  readonly player: string;
  readonly item: number;
  readonly detail: number;
  readonly value: number;
  /** What follows the subject, as hexadecimal digits. */
  readonly extra: string;
  /** 32 hexadecimal digits; empty for messages and timers. */
  readonly commandId: string;
}

export function readMessage(
  type: number,
  receivedAt: number,
  payload: DataView,
  commandId: string,
): ModelMessage {
  const id = (at: number) => {
    const { low, high } = readId(payload, at);
    return idToHex(low, high);
  };
  const rest = new Uint8Array(
    payload.buffer,
    payload.byteOffset + subjectBytes,
    payload.byteLength - subjectBytes,
  );
  return {
    ...{ type, receivedAt, commandId },
    ...{ hunt: id(0), team: id(8), player: id(16) },
    item: subject.item(payload, 0),
    detail: subject.detail(payload, 0),
    value: subject.value(payload, 0),
    extra: Buffer.from(rest).toString('hex'),
  };
}

/** 8 zero bytes and a time in ms, as hexadecimal digits. */
export function timeExtra(at: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeDoubleLE(at, 8);
  return bytes.toString('hex');
}

export function timeOfExtra(extra: string): number {
  return Buffer.from(extra, 'hex').readDoubleLE(8);
}
