import { randomBytes } from 'node:crypto';
import { eventType, type Id, idToHex, subjectBytes } from '@hunt/rules';
import { decisionRecordHeaderBytes } from 'veltrix';
import { teamId } from './crowd/contest-commands.ts';

const decisionBytes = 48;
const eventBytes = 8 + subjectBytes;
const hunt: Id = { low: 0xa1, high: 1 };
const submitAnswer = 0x110;

export interface ArchiveRecord {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export const archivedHunt = idToHex(hunt.low, hunt.high);

/** Decision records as docs/log-format.md has them: commands with random ids, an event of a team each. */
export function archiveRecords(events: number, perRecord: number, teams: number): ArchiveRecord[] {
  const records: ArchiveRecord[] = [];
  for (let done = 0; done < events; done += perRecord) {
    const count = Math.min(perRecord, events - done);
    records.push({ offset: records.length + 1, bytes: archiveRecord(count, done, teams) });
  }
  return records;
}

/** The id of the record's first command. */
export function firstCommandId({ bytes }: ArchiveRecord): string {
  const start = decisionRecordHeaderBytes + 24;
  return Buffer.from(bytes.subarray(start, start + 16)).toString('hex');
}

function archiveRecord(count: number, first: number, teams: number): Uint8Array {
  const size = decisionBytes + eventBytes;
  const bytes = new Uint8Array(decisionRecordHeaderBytes + count * size);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setUint32(4, count, true);
  const ids = randomBytes(16 * count);
  for (let index = 0; index < count; index++) {
    const start = decisionRecordHeaderBytes + index * size;
    view.setUint32(start, size, true);
    view.setUint16(start + 6, 1, true);
    view.setUint16(start + 8, submitAnswer, true);
    view.setFloat64(start + 16, 1.7e12 + first + index, true);
    bytes.set(ids.subarray(index * 16, index * 16 + 16), start + 24);
    const event = start + decisionBytes;
    view.setUint32(event, eventBytes, true);
    view.setUint16(event + 4, eventType.stepSolved, true);
    view.setUint16(event + 6, 1, true);
    const team = teamId((Math.imul(first + index, 0x9e3779b1) >>> 0) % teams);
    const words = [hunt.low, hunt.high, team.low, team.high];
    for (const [word, value] of words.entries()) view.setUint32(event + 8 + word * 4, value, true);
  }
  return bytes;
}
