import { commandType, idToHex, messageType, outcome, readId, subject } from '@hunt/rules';
import { DecisionRecordReader } from 'veltrix';

const statusNames = ['', ' refused', ' again', ' FAILED'];
const platformNames: Record<number, string> = { 1: 'timer', 2: 'message', 3: 'acknowledged' };
const typeNames = namesOf({ ...commandType, ...messageType });
const outcomeNames = namesOf(outcome);

function namesOf(numbers: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}

/** One line for a decision record: each command with its outcome and events. */
export function describeRecord(record: Uint8Array): string {
  const reader = new DecisionRecordReader();
  if (reader.open(record) !== undefined) return ' unreadable';
  const parts: string[] = [` of ${reader.commandOffset}:`];
  while (reader.next()) {
    const { commandType: type, status, code, a, b } = reader.decision;
    const name = typeNames.get(type) ?? platformNames[type] ?? String(type);
    const told = code === 0 ? '' : ` ${outcomeNames.get(code) ?? code} ${a} ${b}`;
    const events: string[] = [];
    while (reader.nextEvent()) {
      const { type: event, view, payloadStart } = reader.event;
      events.push(
        event < 0x100 ? `p${event}` : `${event.toString(16)}${about(view, payloadStart)}`,
      );
    }
    parts.push(`${name}${statusNames[status]}${told}${events.length > 0 ? ` [${events}]` : ''};`);
  }
  return parts.join(' ');
}

function about(view: DataView, start: number): string {
  const { low, high } = readId(view, start + 8);
  return `/${idToHex(low, high).slice(0, 4)}#${subject.item(view, start)}`;
}
