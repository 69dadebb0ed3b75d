import { type Diagnosis, duration, type Finding, percent, rounded } from '@hunt/engine/diagnosis';
import { wrap } from '../arguments/help.ts';
import { painter, type Terminal } from '../terminal/terminal.ts';

type Shown = Pick<Terminal, 'columns' | 'outIsTerminal' | 'errIsTerminal' | 'env'>;

/** What limits it, what else is at work, the headroom, and what is not known; folded to the terminal. */
export function doctorLines(diagnosis: Diagnosis, terminal: Shown): string {
  const { limit, others, unread, unjudged, unknown, seconds, processes } = diagnosis;
  const { columns } = terminal;
  const paint = painter(terminal as Terminal, 'out');
  const looked = `Looked at ${processes.length === 1 ? processes[0] : `${processes.length} processes`} for ${Math.round(seconds)} s.`;
  const first =
    limit === null
      ? [
          `${paint('bold', 'Nothing limits it now')}${unread.length + unknown.length === 0 ? '' : ', by what could be read'}.`,
        ]
      : findingLines(limit, columns, paint);
  const standing = others.filter(({ followsFrom }) => followsFrom === null);
  const following = others.filter(({ followsFrom }) => followsFrom !== null);
  const blocks = [
    [looked],
    first,
    ...standing.map((finding) => findingLines(finding, columns, paint)),
    following.map(({ id, where, followsFrom, evidence }) =>
      wrap(
        `${id} (${where}) follows from ${followsFrom}: ${evidence[0]!.says}.`,
        columns,
        '  ',
        '',
      ),
    ),
    headroomLines(diagnosis, columns),
    unread.map(({ what, reason }) => wrap(`could not read ${what}: ${reason}`, columns, '  ', '')),
    unknown.map(({ cause, reason }) =>
      wrap(`Not known whether ${cause}: ${reason}`, columns, '  ', ''),
    ),
    unjudged.length === 0
      ? []
      : [
          wrap(
            `Not judged, since nothing that was read shows their metrics: ${unjudged.map(({ cause }) => cause).join(', ')}.`,
            columns,
            '  ',
            '',
          ),
        ],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function findingLines(
  finding: Finding,
  columns: number,
  paint: ReturnType<typeof painter>,
): string[] {
  const { id, title, where, effect, evidence, helps, settings, page } = finding;
  const head = wrap(`${title} (${id}, ${effect}): ${where}`, columns, '  ', '');
  return [
    head.replace(id, paint(effect === 'threatens' ? 'yellow' : 'red', id)),
    ...evidence.map(({ says, metric }) => wrap(`${says} (${metric})`, columns, '    ', '  - ')),
    wrap(`What helps: ${helps}`, columns, '    ', '  '),
    ...settings.map(({ name, value, default: usual }) =>
      wrap(
        value === null
          ? `${name}: ${usual} unless it is set`
          : `${name}: ${value} there${value === usual ? ', the default' : `; the default is ${usual}`}`,
        columns,
        '      ',
        '    ',
      ),
    ),
    wrap(`See ${page}`, columns, '    ', '  '),
  ];
}

function headroomLines({ headroom, limit }: Diagnosis, columns: number): string[] {
  const { decidedPerSecond, decisionP99Seconds, kneeRatio, busiestThread, fullestQueue } = headroom;
  const parts = [
    `${rounded(decidedPerSecond)} commands a second are decided`,
    ...(decisionP99Seconds === null ? [] : [`p99 of decisions ${duration(decisionP99Seconds)}`]),
    // The knee is that of the threads: what limits before them is not in it.
    ...(kneeRatio === null || limit !== null
      ? []
      : [`the load is ${percent(kneeRatio)} of the knee`]),
    ...(busiestThread === null
      ? []
      : [
          `the busiest thread, ${busiestThread.name}, works ${percent(busiestThread.busy)} of the time`,
        ]),
    ...(fullestQueue === null
      ? []
      : [`the fullest queue, ${fullestQueue.name}, is ${percent(fullestQueue.filled)} full`]),
    ...(headroom.memoryRatio === null
      ? []
      : [`${percent(headroom.memoryRatio)} of the memory is held`]),
  ];
  return [wrap(`${limit === null ? 'Headroom' : 'Load'}: ${parts.join('; ')}.`, columns, '  ', '')];
}
