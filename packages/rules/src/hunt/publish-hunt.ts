import type { CommandView, Decision } from 'veltrix';
import type { HuntDefinition } from '../definition/hunt-definition.ts';
import { eventType, outcome } from '../fold/codes.ts';
import type { HuntTables } from '../fold/hunt-tables.ts';
import { eventAbout, subject, subjectBytes } from '../subject/subject.ts';
import { capacityOf, type LiveHunt } from './live-hunt.ts';
import type { PublishedHunt } from './published-hunt.ts';

/**
 * Publishes a hunt, or a later version of one. A later version may change texts, answers, points and
 * times and add steps and treasures at the end while there is room; it may not remove, rename or
 * reorder them, nor change the size of teams, because progress is kept by number.
 */
export function decidePublishHunt(
  tables: HuntTables,
  command: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = command;
  const json = publishedJson(command);
  const next = (JSON.parse(new TextDecoder().decode(json)) as PublishedHunt).definition;
  const current = tables.findHunt(
    subject.huntLow(view, payloadStart),
    subject.huntHigh(view, payloadStart),
  );
  if (current !== undefined) {
    const before = current.definition;
    if (before.contentHash === next.contentHash) return decision.accept(outcome.published);
    if (next.version <= before.version) return decision.reject(outcome.definitionOutdated);
    if (!isCompatible(current, next)) return decision.reject(outcome.definitionIncompatible);
  } else {
    const capacity = capacityOf(next);
    tables.hunts.checkRoom(1);
    tables.treasures.checkRoom(capacity.treasures + capacity.steps);
  }
  tables.checkTextRoom(json.length);
  decision.accept(outcome.published);
  const start = eventAbout(
    decision,
    eventType.huntPublished,
    1,
    command,
    [0, 0, json.length],
    json.length,
  );
  new Uint8Array(decision.view.buffer, decision.view.byteOffset).set(json, start + subjectBytes);
}

function publishedJson(command: CommandView): Uint8Array {
  const start = command.payloadStart + subjectBytes;
  return command.bytes.slice(start, start + subject.value(command.view, command.payloadStart));
}

function isCompatible(current: LiveHunt, next: HuntDefinition): boolean {
  const { definition, capacity } = current;
  return (
    next.teamSize === definition.teamSize &&
    next.steps.length <= capacity.steps &&
    next.treasures.length <= capacity.treasures &&
    definition.steps.every((step, index) => next.steps[index]?.id === step.id) &&
    definition.treasures.every((treasure, index) => next.treasures[index]?.id === treasure.id)
  );
}
