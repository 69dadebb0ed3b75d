import type { Calibration, RequestCost } from '@hunt/engine/sizing';
import { wrap } from '../arguments/help.ts';
import { table } from '../cluster/table.ts';

/** Of the cores; the system itself takes some. */
const othersMost = 0.1;

/** The costs as a table, and what a crowd could use. */
export function calibrationLines(
  { requests, live, machine, memory, usable, usableApart, seconds, othersShare }: Calibration,
  file: string,
  { columns }: { readonly columns: number },
): string {
  const number = { isNumber: true } as const;
  const titles = [
    { title: 'request' },
    ...['main', 'fold', 'archive', 'helpers', 'log', 'at'].map((title) => ({ title, ...number })),
  ];
  const rows = Object.entries(requests).map(([kind, cost]) => [kind, ...cells(cost)]);
  const paragraphs = [
    `${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB; ${machine.system}. Took ${seconds} s.`,
    'Microseconds of processor time by thread, median and half the distance of the quartiles; bytes of the log; at that many a second.',
  ];
  const others = Math.round(othersShare * 100);
  const end = [
    ...(othersShare > othersMost
      ? [
          `Other programs used ${others} % of the cores meanwhile: do not trust this, and calibrate again when nothing else runs.`,
        ]
      : []),
    `An event on a live connection costs ${shown(live.main.median + live.helpers.median)} µs; a team ${Math.round(memory.teamBytes)} bytes of state.`,
    `${Math.round(usable.perSecond)} arrivals a second of the usual mix were answered while more were sent and the generator took its share of the cores: ${percent(usable.share)} of the fullest of cores and threads can be used; ${percent(usableApart.commands.share)} where nobody reads, ${percent(usableApart.reads.share)} where all only read.`,
    `Written to ${file}; go on with "hunt size --calibration ${file}".`,
  ];
  const block = (texts: readonly string[]) =>
    `${texts.map((text) => wrap(text, columns)).join('\n')}\n`;
  return `${block(paragraphs)}\n${table(titles, rows, columns)}\n${block(end)}`;
}

function cells({ main, fold, archive, helpers, logBytes, perSecond }: RequestCost): string[] {
  const times = [main, fold, archive, helpers].map(({ low, median, high }) => {
    const half = (high - low) / 2;
    return half < 0.05 ? shown(median) : `${shown(median)} ±${shown(half)}`;
  });
  return [...times, String(Math.round(logBytes)), String(perSecond)];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function shown(microseconds: number): string {
  return String(Number(microseconds.toPrecision(2)));
}
