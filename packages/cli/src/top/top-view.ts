import { duration, percent, rounded, size } from '@hunt/engine/diagnosis';
import { wrap } from '../arguments/help.ts';
import { table } from '../cluster/table.ts';
import type { TopNumbers } from './top-numbers.ts';

export interface ViewSize {
  readonly columns: number;
  /** All there is when left out. */
  readonly rows?: number;
}

/** Rows of each table that are tried, the most first, until the view is low enough. */
const tableRows = [Number.POSITIVE_INFINITY, 64, 32, 16, 8, 4, 2, 1] as const;

/** The whole view, each line no longer than the terminal is wide. */
export function topView(numbers: TopNumbers, viewSize: ViewSize): string {
  const { columns, rows = Number.POSITIVE_INFINITY } = viewSize;
  for (const most of tableRows) {
    const lines = linesOf(numbers, columns, most);
    if (lines.length <= rows) return lines.join('\n');
  }
  return linesOf(numbers, columns, 1).slice(0, rows).join('\n');
}

function linesOf(numbers: TopNumbers, columns: number, most: number): string[] {
  const parts = [
    `${wrap(headline(numbers), columns)}\n`,
    latencyTable(numbers, columns),
    nodeTable(numbers, columns, most),
    partitionTable(numbers, columns, most),
    queueTable(numbers, columns, most),
    numbers.unread
      .map(
        ({ what, reason }) => `${wrap(`could not read ${what}: ${reason}`, columns, '  ', '')}\n`,
      )
      .join(''),
  ];
  return parts
    .filter((part) => part !== '')
    .join('\n')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, columns));
}

function headline({ commandsPerSecond, kneeRatio, seconds }: TopNumbers): string {
  const { decided, shed, refused, withdrawn, undecided } = commandsPerSecond;
  const parts = [
    `${rounded(decided)} commands/s decided`,
    ...(shed > 0 ? [`${rounded(shed)}/s shed`] : []),
    ...(refused > 0 ? [`${rounded(refused)}/s refused`] : []),
    ...(withdrawn > 0 ? [`${rounded(withdrawn)}/s withdrawn`] : []),
    ...(undecided > 0 ? [`${rounded(undecided)}/s undecided`] : []),
    ...(kneeRatio === null ? [] : [`${percent(kneeRatio)} of the knee`]),
    `over ${duration(seconds)}`,
  ];
  return parts.join(', ');
}

const orDash = (value: number | null, format: (value: number) => string) =>
  value === null ? '-' : format(value);
const number = (title: string) => ({ title, isNumber: true }) as const;

function latencyTable({ latencies }: TopNumbers, columns: number): string {
  const rows = latencies
    .filter(({ p50 }) => p50 !== null)
    .map(({ what, perSecond, p50, p90, p99 }) => [
      what,
      rounded(perSecond),
      ...[p50, p90, p99].map((value) => orDash(value, duration)),
    ]);
  if (rows.length === 0) return '';
  const titles = [{ title: 'latency' }, ...['per s', 'p50', 'p90', 'p99'].map(number)];
  return table(titles, rows, columns);
}

function nodeTable({ nodes }: TopNumbers, columns: number, most: number): string {
  const rows = nodes.map((node) => [
    node.node,
    `${rounded(node.cores)}${node.coresMax === null ? '' : `/${rounded(node.coresMax)}`}`,
    orDash(node.memoryBytes, size),
    percent(node.busy),
    percent(node.collecting),
    orDash(node.delayP99Seconds, duration),
    orDash(node.liveConnections, rounded),
    String(node.partitions),
    node.without.length === 0 ? '-' : node.without.join(' '),
  ]);
  const titles = [
    { title: 'node' },
    ...['cores', 'memory', 'busy', 'gc', 'late', 'live', 'parts'].map(number),
    { title: 'without' },
  ];
  return limited(titles, rows, columns, most, 'nodes');
}

function partitionTable({ partitions }: TopNumbers, columns: number, most: number): string {
  const rows = partitions.map((one) => [
    String(one.partition),
    one.node,
    rounded(one.decisionsPerSecond),
    percent(one.fold),
    orDash(one.waitsSeconds, duration),
    orDash(one.archiveLagSeconds, duration),
    orDash(one.stateBytes, size),
  ]);
  const titles = [
    number('partition'),
    { title: 'node' },
    ...['decided/s', 'fold', 'waits', 'archive', 'state'].map(number),
  ];
  return limited(titles, rows, columns, most, 'partitions');
}

/** Queues in which something waits; all of them are in the JSON. */
function queueTable({ queues }: TopNumbers, columns: number, most: number): string {
  const rows = queues
    .filter(({ entries, bytes }) => (entries ?? 0) > 0 || (bytes ?? 0) > 0)
    .map((one) => [
      one.partition === null ? one.queue : `${one.queue} ${one.partition}`,
      one.node,
      orDash(one.entries, rounded),
      orDash(one.bytes, size),
      orDash(one.filled, percent),
      orDash(one.oldestSeconds, duration),
    ]);
  if (rows.length === 0) return 'nothing waits in any queue\n';
  const titles = [
    { title: 'queue' },
    { title: 'node' },
    ...['entries', 'bytes', 'full', 'oldest'].map(number),
  ];
  return limited(titles, rows, columns, most, 'queues');
}

function limited(
  titles: Parameters<typeof table>[0],
  rows: readonly (readonly string[])[],
  columns: number,
  most: number,
  what: string,
): string {
  const text = table(titles, rows.slice(0, most), columns);
  const more = rows.length - most;
  return more > 0 ? `${text}and ${more} more ${what}\n` : text;
}
