import { LoadRecord } from '../generator/load-record.ts';
import type { LoadReport } from '../run/load-report.ts';
import type { ComparedFigure } from '../verdict/comparison.ts';
import { figure } from '../verdict/verdict.ts';
import { escaped } from './escape.ts';
import {
  generatorChart,
  kneeCharts,
  latencyChart,
  percentileChart,
  queueChart,
  rateChart,
} from './report-charts.ts';
import { reportStyle } from './report-style.ts';

const verdictWords = {
  met: 'Objectives met',
  missed: 'Objectives missed',
  measured: 'Measured',
  'generator-saturated': 'Generator saturated',
} as const;

/** One HTML file without anything from elsewhere: it opens by itself, now and in years. */
export function htmlReport(report: LoadReport): string {
  const { subject, verdict, knee, comparison } = report;
  const record = LoadRecord.fromJSON(report.record);
  const title = `Load: ${subject.scenario}`;
  const sections = [
    `<h1>${escaped(title)}</h1>`,
    `<p class="soft">${escaped(subjectLine(report))}</p>`,
    `<div class="verdict ${verdict.word}"><strong>${verdictWords[verdict.word]}</strong><p>${escaped(verdict.sentence)}</p></div>`,
    objectivesTable(report),
    comparison === undefined
      ? ''
      : `<h2>Against the run of ${escaped(comparison.before.startedAt)}</h2><p>${escaped(comparison.sentence)}</p>${comparisonTable(comparison.figures)}`,
    knee === undefined
      ? ''
      : `<h2>The search for the knee</h2>${kneeTable(report)}${kneeCharts(knee)}`,
    `<h2>${knee === undefined ? 'The run' : 'The run at the knee'}</h2>`,
    figuresTable(record),
    rateChart(record),
    latencyChart(record, verdict.objectives),
    percentileChart(record),
    '<h2>What was not decided</h2>',
    failureTable(record),
    '<h2>Outcomes</h2>',
    countTable(['outcome', 'arrivals'], record.outcomes),
    '<h2>Could the generator keep up?</h2>',
    saturationText(report),
    queueChart(record),
    generatorChart(record),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${reportStyle}</style>
<body>
${sections.join('\n')}
</body>
</html>
`;
}

function subjectLine({ subject }: LoadReport): string {
  const { startedAt, target, hunt, players, connections, live, threads } = subject;
  const shares = subject.sharesMachine ? ', on the machine of the server' : '';
  return `${startedAt}, hunt "${hunt}" at ${target}: ${players} players, ${connections} connections and ${live} listeners from ${threads} thread(s)${shares}.`;
}

type Cell = string | { readonly text: string; readonly kind: string };

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (one: Cell) =>
    typeof one === 'string'
      ? `<td>${escaped(one)}</td>`
      : `<td class="${one.kind}">${escaped(one.text)}</td>`;
  const lines = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  const headings = head.map((name) => `<th>${escaped(name)}</th>`).join('');
  return `<div class="scroll"><table><tr>${headings}</tr>${lines.join('')}</table></div>`;
}

function objectivesTable({ verdict }: LoadReport): string {
  if (verdict.objectives.length === 0) return '';
  const rows = verdict.objectives.map(({ name, unit, wanted, found, isMet }): Cell[] => [
    ...[name, `${name === 'goodput' ? 'at least' : 'at most'} ${figure(wanted, unit)}`],
    figure(found, unit),
    { text: isMet ? 'met' : 'missed', kind: isMet ? 'yes' : 'no' },
  ]);
  return table(['objective', 'wanted', 'found', ''], rows);
}

function comparisonTable(figures: readonly ComparedFigure[]): string {
  const shown = (value: number, unit: ComparedFigure['unit']) =>
    unit === '/s' ? `${Number(value.toPrecision(3))}/s` : figure(value, unit);
  const change = (value: number, unit: ComparedFigure['unit']) =>
    `${signed((unit === 'share' ? value : Math.exp(value) - 1) * 100)} %`;
  const rows = figures.map(({ name, unit, before, after, interval, finding }): Cell[] => [
    ...[name, shown(before, unit), shown(after, unit)],
    `${change(interval[0], unit)} to ${change(interval[1], unit)}`,
    { text: finding, kind: finding },
  ]);
  return table(['', 'before', 'now', 'change, 199 times of 200', ''], rows);
}

const signed = (value: number) => `${value > 0 ? '+' : ''}${Number(value.toFixed(1))}`;

function kneeTable({ knee }: LoadReport): string {
  const rows = knee!.steps.map((step): Cell[] => [
    `${Math.round(step.offered)}/s`,
    `${Math.round(step.decided)}/s`,
    ...[figure(step.p50Ms, 'ms'), figure(step.p99Ms, 'ms'), figure(step.failedShare, 'share')],
    step.isSaturated
      ? { text: 'generator', kind: 'unclear' }
      : { text: step.holds ? 'holds' : 'breaks', kind: step.holds ? 'yes' : 'no' },
    { text: step.reason, kind: 'text' },
  ]);
  return table(['offered', 'decided', 'p50', 'p99', 'failed', '', 'why'], rows);
}

function figuresTable({ byAction, latency }: LoadRecord): string {
  const rows = [...Object.entries(byAction), ['all', latency] as const].map(
    ([name, one]): Cell[] => [
      ...[name, one.count.toLocaleString('en')],
      ...[0.5, 0.9, 0.99, 0.999].map((share) => figure(one.quantile(share), 'ms')),
      figure(one.longestMs, 'ms'),
    ],
  );
  return table(['', 'arrivals', 'p50', 'p90', 'p99', 'p99.9', 'longest'], rows);
}

function failureTable({ failures }: LoadRecord): string {
  const entries = Object.entries(failures).sort(([, one], [, other]) => other - one);
  if (entries.length === 0) return '<p>Nothing: every arrival was decided.</p>';
  const most = entries[0]![1];
  const rows = entries.map(([id, count]) => {
    const width = Math.round((count / most) * 240);
    return `<tr><td>${escaped(id)}</td><td>${count.toLocaleString('en')}</td><td class="text"><span class="bar" style="width:${width}px"></span></td></tr>`;
  });
  return `<div class="scroll"><table><tr><th>error</th><th>arrivals</th><th></th></tr>${rows.join('')}</table></div>`;
}

function countTable(head: readonly string[], counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return table(
    head,
    entries.map(([name, count]) => [name, count.toLocaleString('en')]),
  );
}

function saturationText({ verdict, record, figures, subject }: LoadReport): string {
  const { saturation } = verdict;
  const answer =
    saturation.length === 0
      ? 'Yes: it sent on time, read answers as they came, and had time to spare.'
      : `No: ${saturation.map(({ message }) => message).join('; ')}.`;
  const threads = record.threads.map(({ busy, cpu, starved }, index): Cell[] => [
    ...[`thread ${index + 1}`, figure(busy, 'share'), figure(cpu, 'share')],
    starved === null ? 'not told' : figure(starved, 'share'),
  ]);
  const { live } = record;
  const listeners =
    subject.live === 0
      ? ''
      : `<p>${live.opened} listeners were told ${live.events.toLocaleString('en')} events; ${live.lost} connections were lost.</p>`;
  return `<p>${escaped(answer)} Lateness p99: ${figure(figures.latenessP99Ms, 'ms')}.</p>${listeners}${table(
    ['', 'busy', 'processor', 'waited for a processor'],
    threads,
  )}`;
}
