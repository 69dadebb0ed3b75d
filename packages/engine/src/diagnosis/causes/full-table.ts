import { rounded } from '../amounts.ts';
import { type Cause, confidence, type Evidence, type Suspicion } from '../cause.ts';
import type { ProcessFacts } from '../process-facts.ts';

/** Tables whose rows are free again once what they hold is done. */
const emptying = ['outbox', 'timers', 'reservations'];
/** In words, by what was not done. */
const undone = {
  command: 'commands are refused for want of room',
  message: 'messages of partitions are refused or wait for want of room',
  timer: 'timers are set again for want of room',
} as const;

/** What finds no room in a table is refused, or comes again. */
export const fullTable: Cause = {
  id: 'full-table',
  title: 'A table of a partition is full',
  looksLike:
    'A partition refused a command or a message, or set a timer again, because one of its tables had no room for it.',
  helps:
    'A higher processor.tableMaxRows, as far as memory allows. The outbox, timers and reservations empty themselves once fewer come; more partitions hold more, in a new deployment.',
  effect: 'refuses',
  needs: ['hunt_processor_full_table_refusals_total'],
  explains: [],
  page: 'docs/runbooks/no-room.md',
  *judge({ processes }) {
    for (const process of processes) {
      const refusals = process.rates('hunt_processor_full_table_refusals_total');
      for (const partition of new Set(refusals.map(({ labels }) => labels['partition']!))) {
        yield* fullTableOf(process, partition);
      }
    }
  },
};

function* fullTableOf(process: ProcessFacts, partition: string): Iterable<Suspicion> {
  const tables = process
    .rates('hunt_processor_full_table_refusals_total', { partition })
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value);
  const [fullest] = tables;
  if (fullest === undefined) return;
  const names = tables.map(({ labels }) => labels['table']!);
  const isEmptying = names.every((table) => emptying.includes(table));
  yield {
    confidence: confidence(fullest.value, 0, 10)!,
    process,
    where: `partition ${partition} on ${process.name}`,
    evidence: [
      {
        metric: 'hunt_processor_full_table_refusals_total',
        says: `there is no room in ${listed(names)}: ${names[0]} was asked in vain ${rounded(fullest.value)} times a second`,
      },
      ...undoneThere(process, partition),
    ],
    helps: isEmptying
      ? 'Wait until fewer come, or see what its rows wait for: an outbox waits for other partitions, timers and reservations for players. Where it lasts, raise processor.tableMaxRows and start the process again.'
      : 'Raise processor.tableMaxRows as far as memory allows, and start the process again: rows of teams, players and hunts are kept for good. More partitions hold more, in a new deployment.',
    settings: ['processor.tableMaxRows'],
  };
}

function undoneThere(process: ProcessFacts, partition: string): Evidence[] {
  const metric = 'hunt_processor_undone_decisions_total';
  return Object.entries(undone).flatMap(([of, says]) => {
    const rate = process.rate(metric, { partition, of, reason: 'no-room' });
    return rate === 0 ? [] : [{ metric, says: `${rounded(rate)} ${says}, a second` }];
  });
}

function listed(tables: readonly string[]): string {
  return tables.length === 1 ? `table ${tables[0]}` : `the tables ${tables.join(', ')}`;
}
