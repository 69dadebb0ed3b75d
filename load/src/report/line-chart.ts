import { type Axis, fitAxis } from './axis.ts';
import { escaped } from './escape.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Each point is marked: where there are few. */
  readonly isMarked?: boolean;
  /** Drawn broad and pale, so that what lies on it can be seen. */
  readonly isGround?: boolean;
  /** By its number in the palette; in the order of the series unless told. */
  readonly colour?: number;
}

/** A horizontal line, such as an objective. */
interface Level {
  readonly y: number;
  readonly name: string;
}

export interface LineChart {
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly levels?: readonly Level[];
}

const [width, height] = [760, 280];
const [left, right, top, bottom] = [64, 16, 12, 44];
const [innerWidth, innerHeight] = [width - left - right, height - top - bottom];

/** A chart as inline SVG in a figure with its legend; colours are those of the page's style. */
export function lineChart({ title, note, x, y, series, levels = [] }: LineChart): string {
  const all = series.flatMap(({ points }) => points);
  const xAxis = fitAxis(
    x,
    all.map(([value]) => value),
  );
  const yAxis = fitAxis(y, [...all.map(([, value]) => value), ...levels.map((level) => level.y)]);
  const atX = (value: number) => shown(left + xAxis.place(value) * innerWidth);
  const atY = (value: number) => shown(top + (1 - yAxis.place(value)) * innerHeight);
  const parts = [
    ...yAxis.ticks.map(
      (tick) =>
        `<line class="grid" x1="${left}" x2="${width - right}" y1="${atY(tick)}" y2="${atY(tick)}"/><text x="${left - 8}" y="${atY(tick)}" dy="0.32em" text-anchor="end">${escaped(y.format(tick))}</text>`,
    ),
    ...xAxis.ticks.map(
      (tick) =>
        `<text x="${atX(tick)}" y="${height - bottom + 18}" text-anchor="${atX(tick) > width - right - 24 ? 'end' : 'middle'}">${escaped(x.format(tick))}</text>`,
    ),
    `<line class="axis" x1="${left}" x2="${width - right}" y1="${height - bottom}" y2="${height - bottom}"/>`,
    `<text class="label" x="${width - right}" y="${height - 6}" text-anchor="end">${escaped(x.label)}</text>`,
    ...levels.map(
      (level) =>
        `<line class="level" x1="${left}" x2="${width - right}" y1="${atY(level.y)}" y2="${atY(level.y)}"/><text class="level" x="${width - right}" y="${atY(level.y)}" dy="-4" text-anchor="end">${escaped(level.name)}</text>`,
    ),
    ...series.map((one, index) => drawn(one, one.colour ?? index, atX, atY)),
  ];
  const legend = series.map(
    ({ name, colour }, index) =>
      `<li><span class="key c${colour ?? index}"></span>${escaped(name)}</li>`,
  );
  return `<figure>
<figcaption><h3>${escaped(title)}</h3><p>${escaped(note)}</p></figcaption>
<ul class="legend">${legend.join('')}<li class="unit">${escaped(y.label)}</li></ul>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${parts.join('')}</svg>
</figure>`;
}

function drawn(
  { points, isMarked = false, isGround = false }: Series,
  colour: number,
  atX: (value: number) => number,
  atY: (value: number) => number,
): string {
  const line = points.map(([x, y]) => `${atX(x)},${atY(y)}`).join(' ');
  const marks = isMarked || points.length === 1 ? points : [];
  const circles = marks.map(
    ([x, y]) => `<circle class="c${colour}" cx="${atX(x)}" cy="${atY(y)}" r="3"/>`,
  );
  return `<polyline class="line c${colour}${isGround ? ' ground' : ''}" points="${line}"/>${circles.join('')}`;
}

const shown = (place: number) => Math.round(place * 10) / 10;
