import type { LogRecord } from '../partition-log.ts';

/* Writes records after docs/log-format.md, as few members as a test has to say. */

export interface WrittenEvent {
  readonly type: number;
  readonly hunt?: bigint;
  readonly team?: bigint;
  readonly player?: bigint;
  readonly item?: number;
  readonly detail?: number;
  readonly value?: number;
  /** 16 bytes: the id of a command, in 32 hexadecimal digits. */
  readonly commandId?: string;
  /** When a score was earned, in the last 8 of the extra bytes. */
  readonly at?: number;
}

export interface WrittenDecision {
  readonly id: string;
  readonly status?: number;
  readonly firstStatus?: number;
  readonly type?: number;
  readonly code?: number;
  readonly a?: number;
  readonly b?: number;
  /** In ms since the epoch. */
  readonly receivedAt?: number;
  readonly events?: readonly WrittenEvent[];
}

/** An id of a command from a number: 32 hexadecimal digits. */
export function commandId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export function commandRecord(offset: number, ids: readonly string[]): LogRecord {
  const header = Buffer.alloc(24);
  header.set([1, 1]);
  header.writeUInt32LE(ids.length, 4);
  const commands = ids.map((id) => {
    const command = Buffer.alloc(40);
    command.writeUInt32LE(40, 0);
    command.write(id, 16, 'hex');
    return command;
  });
  return { offset, bytes: Buffer.concat([header, ...commands]) };
}

export function ownerRecord(offset: number, epoch: number): LogRecord {
  const bytes = Buffer.alloc(32);
  bytes.set([1, 3]);
  bytes.writeUInt32LE(epoch, 4);
  return { offset, bytes };
}

export function decisionRecord(
  offset: number,
  of: { readonly epoch: number; readonly sequence: number; readonly commandOffset: number },
  decisions: readonly WrittenDecision[],
): LogRecord {
  const header = Buffer.alloc(32);
  header.set([1, 2]);
  header.writeUInt32LE(decisions.length, 4);
  header.writeUInt32LE(of.epoch, 8);
  header.writeUInt32LE(of.sequence, 20);
  header.writeBigUInt64LE(BigInt(of.commandOffset), 24);
  return { offset, bytes: Buffer.concat([header, ...decisions.map(decisionBytes)]) };
}

function decisionBytes(decision: WrittenDecision): Buffer {
  const events = Buffer.concat((decision.events ?? []).map(eventBytes));
  const head = Buffer.alloc(48);
  head.writeUInt32LE(48 + events.length, 0);
  head[4] = decision.status ?? 0;
  head[5] = decision.firstStatus ?? 0;
  head.writeUInt16LE(decision.events?.length ?? 0, 6);
  head.writeUInt16LE(decision.type ?? 0x110, 8);
  head.writeUInt16LE(decision.code ?? 0x110, 10);
  head.writeDoubleLE(decision.receivedAt ?? 0, 16);
  head.write(decision.id, 24, 'hex');
  head.writeInt32LE(decision.a ?? 0, 40);
  head.writeInt32LE(decision.b ?? 0, 44);
  return Buffer.concat([head, events]);
}

function eventBytes(event: WrittenEvent): Buffer {
  const bytes = Buffer.alloc(56);
  bytes.writeUInt32LE(56, 0);
  bytes.writeUInt16LE(event.type, 4);
  bytes.writeBigUInt64LE(event.hunt ?? 0n, 8);
  bytes.writeBigUInt64LE(event.team ?? 0n, 16);
  bytes.writeBigUInt64LE(event.player ?? 0n, 24);
  bytes.writeUInt16LE(event.item ?? 0, 32);
  bytes.writeUInt16LE(event.detail ?? 0, 34);
  bytes.writeInt32LE(event.value ?? 0, 36);
  if (event.commandId !== undefined) bytes.write(event.commandId, 40, 'hex');
  if (event.at !== undefined) bytes.writeDoubleLE(event.at, 48);
  return bytes;
}
