import type { LoadRecord } from '../generator/load-record.ts';
import type { LatencyHistogram } from '../histogram/latency-histogram.ts';
import type { KneeResult } from '../knee/knee-search.ts';
import type { ObjectiveResult } from '../verdict/verdict.ts';
import type { Axis } from './axis.ts';
import { lineChart, type Series } from './line-chart.ts';

const count = (value: number) => Number(value.toPrecision(4)).toLocaleString('en');
const seconds: Axis = { label: 'seconds since the load began', scale: 'linear', format: count };
const milliseconds: Axis = { label: 'milliseconds', scale: 'log', format: count };

/** A figure of each slice, at the middle of its time. */
function over(
  { slices, sliceMs }: LoadRecord,
  figure: (slice: LoadRecord['slices'][number]) => number,
): [number, number][] {
  return slices.map((slice, index) => [((index + 0.5) * sliceMs) / 1_000, figure(slice)]);
}

export function rateChart(record: LoadRecord): string {
  const perSecond = 1_000 / record.sliceMs;
  return lineChart({
    title: 'Offered and done',
    note: 'What was due in each slice of time, and what was decided or failed in it. Where done stays below offered, work piles up.',
    x: seconds,
    y: { label: 'arrivals a second', scale: 'linear', format: count },
    series: [
      {
        name: 'offered',
        points: over(record, ({ offered }) => offered * perSecond),
        isGround: true,
      },
      { name: 'decided', points: over(record, ({ done }) => done * perSecond), colour: 2 },
      { name: 'failed', points: over(record, ({ failed }) => failed * perSecond), colour: 3 },
    ],
  });
}

export function latencyChart(record: LoadRecord, objectives: readonly ObjectiveResult[]): string {
  const at = (name: string, figure: (latency: LatencyHistogram) => number): Series => ({
    name,
    points: over(record, ({ latency }) => figure(latency)).filter(([, ms]) => ms > 0),
  });
  const levels = objectives
    .filter(({ unit }) => unit === 'ms')
    .map(({ name, wanted }) => ({ name: `${name} objective`, y: wanted }));
  return lineChart({
    title: 'Latency over time',
    note: 'From when each arrival was due, so that whoever had to wait for a stalled server counts.',
    x: seconds,
    y: milliseconds,
    series: [
      at('p50', (latency) => latency.quantile(0.5)),
      at('p90', (latency) => latency.quantile(0.9)),
      at('p99', (latency) => latency.quantile(0.99)),
      at('longest', (latency) => latency.longestMs),
    ],
    levels,
  });
}

/** One answer in so many takes longer: 2, 10, 100 … on an axis of powers of ten. */
const percentileAxis: Axis = {
  label: 'percentile',
  scale: 'log',
  ticks: [1, 2, 10, 100, 1_000, 10_000, 100_000, 1_000_000],
  format: (oneIn) => `${Number((100 - 100 / oneIn).toPrecision(9))} %`,
};

export function percentileChart({ latency, service, lateness }: LoadRecord): string {
  const curve = (histogram: LatencyHistogram): [number, number][] => {
    const points: [number, number][] = [];
    for (let oneIn = 1; oneIn <= Math.max(2, histogram.count); oneIn *= 1.15) {
      const ms = histogram.quantile(1 - 1 / oneIn);
      if (ms > 0) points.push([oneIn, ms]);
    }
    return points;
  };
  return lineChart({
    title: 'Latency by percentile',
    note: 'A line that bends up at the right end is a long tail. Between the first two lies what a client that waits for each answer would have left out.',
    x: percentileAxis,
    y: milliseconds,
    series: [
      { name: 'from when it was due', points: curve(latency) },
      { name: 'from when it was sent', points: curve(service) },
      { name: "the generator's own lateness", points: curve(lateness), colour: 4 },
    ],
  });
}

export function queueChart(record: LoadRecord): string {
  return lineChart({
    title: 'On their way, and waiting for a connection',
    note: 'Most at once in each slice. Waiting means that every connection had a request without an answer.',
    x: seconds,
    y: { label: 'arrivals', scale: 'linear', format: count },
    series: [
      { name: 'on their way', points: over(record, ({ inFlightMost }) => inFlightMost) },
      { name: 'waiting', points: over(record, ({ waitingMost }) => waitingMost), colour: 1 },
    ],
  });
}

export function generatorChart(record: LoadRecord): string {
  return lineChart({
    title: 'The generator itself',
    note: 'How busy its busiest thread was, and the longest that one stood still. Where these are high, the figures above are its own.',
    x: seconds,
    y: { label: 'percent, milliseconds', scale: 'linear', format: count, most: 100 },
    series: [
      { name: 'busy, %', points: over(record, ({ busy }) => busy * 100), colour: 4 },
      { name: 'longest stall, ms', points: over(record, ({ stallMs }) => stallMs), colour: 1 },
    ],
  });
}

export function kneeCharts({ steps }: KneeResult): string {
  const sorted = steps.toSorted((one, other) => one.offered - other.offered);
  const offered: Axis = { label: 'offered, arrivals a second', scale: 'linear', format: count };
  const goodput = lineChart({
    title: 'Decided against offered',
    note: 'The straight line is a server that keeps up. Where the other one leaves it, the knee is behind.',
    x: offered,
    y: { label: 'decided, arrivals a second', scale: 'linear', format: count },
    series: [
      {
        name: 'keeps up',
        points: sorted.map((step) => [step.offered, step.offered]),
        colour: 4,
        isGround: true,
      },
      {
        name: 'decided',
        points: sorted.map((step) => [step.offered, step.decided]),
        ...{ colour: 2, isMarked: true },
      },
    ],
  });
  const latency = lineChart({
    title: 'Latency against offered',
    note: 'Each mark is one step of the search.',
    x: offered,
    y: milliseconds,
    series: [
      { name: 'p50', points: sorted.map((step) => [step.offered, step.p50Ms]), isMarked: true },
      { name: 'p99', points: sorted.map((step) => [step.offered, step.p99Ms]), isMarked: true },
    ],
  });
  return goodput + latency;
}
