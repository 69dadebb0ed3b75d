import { eventTypes } from './outcome-words.ts';
import {
  commandIdAt,
  type EventRecord,
  type ReadDecision,
  type ReadEvent,
} from './record-reader.ts';

type Decisions = Extract<EventRecord, { readonly kind: 'decisions' }>;

/** A decision record with its place in the log. */
export interface PlacedDecisions extends Decisions {
  readonly partition: number;
  readonly offset: number;
}

/** Where a settlement has the id of the command that it is about. */
const commandIdStart = 32;
const statuses = ['accepted', 'rejected', 'repeated', 'failed'];

/** Its decision, or an event that settles it, and the record that has it: texts are made of few. */
interface Mention {
  readonly record: PlacedDecisions;
  readonly counts: boolean;
  readonly of: ReadDecision | ReadEvent;
}

/** What the log says of each command, in offset order, whether it counts or not: evidence for a finding. */
export class CommandMentions {
  readonly #mentions = new Map<string, Mention[]>();

  note(record: PlacedDecisions, counts: boolean): void {
    for (const decision of record.decisions) {
      this.#add(decision.commandId, { record, counts, of: decision });
      for (const event of decision.events) {
        if (event.type !== eventTypes.claimSettled && event.type !== eventTypes.collectSettled)
          continue;
        this.#add(commandIdAt(event, commandIdStart), { record, counts, of: event });
      }
    }
  }

  #add(commandId: string, mention: Mention): void {
    const known = this.#mentions.get(commandId);
    if (known) known.push(mention);
    else this.#mentions.set(commandId, [mention]);
  }

  /** All that is said of a command. */
  of(commandId: string): string {
    return this.#mentions.get(commandId)?.map(textOf).join('; ') ?? 'nothing';
  }
}

function textOf({ record, counts, of }: Mention): string {
  const { partition, offset, epoch, sequence, commandOffset } = record;
  const place = `${partition}/${offset}, of command record ${commandOffset}, epoch ${epoch}, number ${sequence}`;
  const what = 'status' in of ? decided(of) : settled(of);
  return `${what} (${place}${counts ? '' : ', does not count'})`;
}

function decided({ status, firstStatus, code, a, b, receivedAt }: ReadDecision): string {
  const first = status === 2 ? ` ${wordOf(firstStatus)}` : '';
  return `${wordOf(status)}${first} 0x${code.toString(16)} ${a} ${b} received ${timeOf(receivedAt)}`;
}

function settled({ item, detail, value }: ReadEvent): string {
  return `settled as 0x${detail.toString(16)} ${item} ${value}`;
}

function wordOf(status: number): string {
  return statuses[status] ?? `status ${status}`;
}

/** A damaged log may have any number there. @param receivedAt ms since the epoch */
function timeOf(receivedAt: number): string {
  const date = new Date(receivedAt);
  return Number.isNaN(date.getTime()) ? String(receivedAt) : date.toISOString().slice(11, 23);
}
