import {
  eventType,
  type HuntDefinition,
  huntIdOf,
  idToHex,
  type PublishedHunt,
  subject,
  subjectBytes,
} from '@hunt/rules';
import { DecisionRecordReader, type Disk, veltrixErrors } from 'veltrix';
import { openEmbeddedLogReader } from 'veltrix/embedded';

const chunkBytes = 1 << 20;

/** An event of a hunt as it is exported. Ids are opaque: names of people and teams are in no log. */
export interface EventRow {
  readonly partition: number;
  readonly offset: number;
  /** Among the events of its record, from 0. */
  readonly index: number;
  /** RFC 3339, of the command that caused it. */
  readonly time: string;
  readonly commandId: string;
  readonly event: string;
  readonly version: number;
  readonly team: string;
  readonly player: string;
  /** Number of the step or treasure. */
  readonly item: number;
  /** Its id in the hunt file; empty where the event is about neither. */
  readonly itemId: string;
  readonly detail: number;
  readonly value: number;
}

const eventNames = new Map(Object.entries(eventType).map(([name, type]) => [type as number, name]));

/** Event types that speak of a step, and of a treasure: see `eventType`. */
const isStepEvent = (type: number) => type >= 0x110 && type < 0x120;
const isTreasureEvent = (type: number) => type >= 0x120 && type < 0x130;

/**
 * Visits every event of a hunt in a data directory, partition by partition in log order, what retention
 * has removed from the log from the archive; also while an engine writes there, then as far as it is
 * proven durable. Returns how many there were and whether the hunt was ever published.
 * Throws `veltrix-log-missing`, `veltrix-log-damaged`, `veltrix-record-invalid`, and
 * `veltrix-log-offset-gone` when the archive lacks what the log does.
 */
export async function readEventRows(
  directory: string,
  disk: Disk,
  hunt: string,
  visit: (row: EventRow) => void,
): Promise<{ readonly events: number; readonly found: boolean }> {
  const log = openEmbeddedLogReader(`${directory}/log`, disk);
  const wanted = huntIdOf(hunt);
  const decisions = new DecisionRecordReader();
  let events = 0;
  let definition: HuntDefinition | undefined;
  const readRecord = (partition: number, offset: number, bytes: Uint8Array) => {
    const reason = decisions.open(bytes);
    if (reason !== undefined) {
      throw veltrixErrors.create('veltrix-record-invalid', { stream: 'events', offset, reason });
    }
    for (let index = 0; decisions.next(); ) {
      for (; decisions.nextEvent(); index++) {
        const { event } = decisions;
        const { view, payloadStart: start, type } = event;
        if (!eventNames.has(type)) continue;
        if (subject.huntLow(view, start) !== wanted.low) continue;
        if (subject.huntHigh(view, start) !== wanted.high) continue;
        if (type === eventType.huntPublished) definition = publishedIn(event);
        visit(rowOf(decisions, definition, { partition, offset, index }));
        events += 1;
      }
    }
  };
  for (let partition = 0; partition < log.identity.partitionCount; partition++) {
    const reader = log.partition(partition);
    const first = reader.start('events');
    if (first > 1) {
      const { readArchivedLog } = await import('@hunt/engine/verify');
      await readArchivedLog(directory, partition, first, (offset, bytes) =>
        readRecord(partition, offset, bytes),
      );
    }
    for (let from = first, next = -1; next !== from; ) {
      if (next >= 0) from = next;
      next = reader.read('events', from, chunkBytes, (offset, bytes) =>
        readRecord(partition, offset, bytes),
      );
    }
  }
  return { events, found: definition !== undefined };
}

function publishedIn(event: DecisionRecordReader['event']): HuntDefinition {
  const start = event.payloadStart + subjectBytes;
  const json = event.bytes.subarray(start, start + subject.value(event.view, event.payloadStart));
  return (JSON.parse(new TextDecoder().decode(json)) as PublishedHunt).definition;
}

function rowOf(
  { event, decision }: DecisionRecordReader,
  definition: HuntDefinition | undefined,
  place: { readonly partition: number; readonly offset: number; readonly index: number },
): EventRow {
  const { view, payloadStart: start, type } = event;
  const item = subject.item(view, start);
  let itemId = '';
  if (isStepEvent(type)) itemId = definition?.steps[item]?.id ?? '';
  if (isTreasureEvent(type)) itemId = definition?.treasures[item]?.id ?? '';
  const { idStart } = decision;
  return {
    ...place,
    time: new Date(decision.receivedAt).toISOString(),
    commandId: Buffer.from(decision.bytes.subarray(idStart, idStart + 16)).toString('hex'),
    event: eventNames.get(type)!,
    version: event.version,
    team: idToHex(subject.teamLow(view, start), subject.teamHigh(view, start)),
    player: idToHex(subject.playerLow(view, start), subject.playerHigh(view, start)),
    item,
    itemId,
    detail: subject.detail(view, start),
    value: subject.value(view, start),
  };
}
