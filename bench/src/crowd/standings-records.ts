import { eventType, subjectBytes } from '@hunt/rules';
import { seededRandom } from './seeded-random.ts';

const recordHeader = 32;
const decisionHeader = 48;
const eventBytes = 8 + subjectBytes + 16;
const firstAt = 1_700_000_000_000;
const hunt = 0xb1;

/**
 * Decision records in which teams register, then solve steps by chance, and the first thousand rows
 * that the standings must show in the end: rank, points, last score at.
 */
export function standingsRecords(sizes: {
  readonly teams: number;
  readonly updates: number;
  readonly perRecord: number;
}) {
  const { teams, updates, perRecord } = sizes;
  const random = seededRandom(7);
  const points = new Float64Array(teams);
  const lastAt = new Float64Array(teams);
  const registrations = records(teams, perRecord, (view, at, index) => {
    writeEvent(view, at, eventType.teamRegistered, index);
  });
  const solved = records(updates, perRecord, (view, at, index) => {
    const team = Math.floor(random() * teams);
    const value = 1 + Math.floor(random() * 100);
    points[team]! += value;
    lastAt[team] = firstAt + index;
    writeEvent(view, at, eventType.stepSolved, team, value, firstAt + index);
  });
  const order = Array.from(points, (_, team) => team).sort(
    (one, other) => points[other]! - points[one]! || lastAt[one]! - lastAt[other]!,
  );
  const rows = order.slice(0, 1_000).map((team) => ({ points: points[team]!, at: lastAt[team]! }));
  const expected = rows.map(({ points, at }) => {
    const rank = rows.findIndex((row) => row.points === points && row.at === at) + 1;
    return `${rank} ${points} ${at}`;
  });
  return { hunt: hunt.toString(16).padStart(16, '0'), registrations, updates: solved, expected };
}

function records(
  count: number,
  perRecord: number,
  write: (view: DataView, at: number, index: number) => void,
): Uint8Array[] {
  return Array.from({ length: Math.ceil(count / perRecord) }, (_, record) => {
    const decisions = Math.min(perRecord, count - record * perRecord);
    const size = decisionHeader + eventBytes;
    const view = new DataView(new ArrayBuffer(recordHeader + decisions * size));
    view.setUint8(0, 1);
    view.setUint8(1, 2);
    view.setUint32(4, decisions, true);
    for (let decision = 0; decision < decisions; decision++) {
      const at = recordHeader + decision * size;
      view.setUint32(at, size, true);
      view.setUint16(at + 6, 1, true);
      write(view, at + decisionHeader, record * perRecord + decision);
    }
    return new Uint8Array(view.buffer);
  });
}

function writeEvent(
  view: DataView,
  start: number,
  type: number,
  team: number,
  value = 0,
  at = 0,
): void {
  view.setUint32(start, eventBytes, true);
  view.setUint16(start + 4, type, true);
  view.setUint16(start + 6, 1, true);
  const payload = start + 8;
  view.setUint32(payload, hunt, true);
  view.setInt32(payload + 8, Math.imul(team + 1, 0x9e3779b1), true);
  view.setInt32(payload + 12, team + 1, true);
  view.setInt32(payload + 28, value, true);
  view.setFloat64(payload + subjectBytes + 8, at, true);
}
