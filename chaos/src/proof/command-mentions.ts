import { eventTypes } from './outcome-words.ts';
import { commandIdAt, type EventRecord, type ReadDecision } from './record-reader.ts';

type Decisions = Extract<EventRecord, { readonly kind: 'decisions' }>;

/** A decision record with its place in the log. */
export interface PlacedDecisions extends Decisions {
  readonly partition: number;
  readonly offset: number;
}

/** Where a settlement has the id of the command that it is about. */
const commandIdStart = 32;
const statuses = ['accepted', 'rejected', 'repeated', 'failed'];

/** What the log says of each command, in offset order, whether it counts or not: evidence for a finding. */
export class CommandMentions {
  readonly #mentions = new Map<string, string[]>();

  note(record: PlacedDecisions, counts: boolean): void {
    for (const decision of record.decisions) {
      this.#add(decision.commandId, record, counts, told(decision));
      for (const event of decision.events) {
        if (event.type !== eventTypes.claimSettled && event.type !== eventTypes.collectSettled)
          continue;
        const { item, detail, value } = event;
        const settled = `settled as 0x${detail.toString(16)} ${item} ${value}`;
        this.#add(commandIdAt(event, commandIdStart), record, counts, settled);
      }
    }
  }

  #add(commandId: string, record: PlacedDecisions, counts: boolean, what: string): void {
    const { partition, offset, epoch, sequence, commandOffset } = record;
    const place = `${partition}/${offset}, of command record ${commandOffset}, epoch ${epoch}, number ${sequence}`;
    const mention = `${what} (${place}${counts ? '' : ', does not count'})`;
    const known = this.#mentions.get(commandId);
    if (known) known.push(mention);
    else this.#mentions.set(commandId, [mention]);
  }

  /** All that is said of a command. */
  of(commandId: string): string {
    return this.#mentions.get(commandId)?.join('; ') ?? 'nothing';
  }
}

function told({ status, firstStatus, code, a, b, receivedAt }: ReadDecision): string {
  const first = status === 2 ? ` ${statuses[firstStatus]}` : '';
  const at = new Date(receivedAt).toISOString().slice(11, 23);
  return `${statuses[status]}${first} 0x${code.toString(16)} ${a} ${b} received ${at}`;
}
