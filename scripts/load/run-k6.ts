import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../test-run/command.ts';

/** A request of the mix. */
interface K6Request {
  readonly action: string;
  /** As the script judged it. */
  readonly isDecided: boolean;
  /** Its answer is held against the objectives. */
  readonly counts: boolean;
  /** When it was judged, since the epoch. */
  readonly atMs: number;
}

/** What came of a script. */
export interface K6Run {
  /** 99 when a threshold is crossed, 107 when the script throws; null when it was killed. */
  readonly code: number | null;
  readonly requests: readonly K6Request[];
  /** Answers to players who join before the load: status of HTTP, 0 without one, and when, since the epoch. */
  readonly joins: readonly { readonly status: number; readonly atMs: number }[];
  readonly output: string;
}

interface Point {
  readonly metric: string;
  readonly data: { readonly time: string; readonly value: number; readonly tags: Tags };
}

type Tags = Readonly<Record<string, string | undefined>>;

/** Runs a script with k6 to the end, in a directory of its own; killed after `timeoutMs`. */
export async function runK6(
  program: string,
  script: string,
  baseUrl: string,
  timeoutMs: number,
): Promise<K6Run> {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-k6-'));
  const file = (name: string) => path.join(directory, name);
  try {
    writeFileSync(file('load.js'), script);
    writeFileSync(file('config.json'), '{}');
    const line = ['run', '--quiet', '--no-usage-report', '--address', '127.0.0.1:0'];
    line.push('-e', `BASE_URL=${baseUrl}`);
    const { code, output } = await runCommand(
      'env',
      [
        // Its settings, and nothing of the machine's; it fetches no extensions.
        ...[`HOME=${directory}`, `K6_CONFIG=${file('config.json')}`],
        'K6_AUTO_EXTENSION_RESOLUTION=false',
        ...[program, ...line, '--out', `json=${file('points.json')}`, file('load.js')],
      ],
      timeoutMs,
    );
    const points = existsSync(file('points.json')) ? readFileSync(file('points.json'), 'utf8') : '';
    return { code, output, ...requestsOf(points) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Of a line for each value of each metric. */
function requestsOf(text: string): Pick<K6Run, 'requests' | 'joins'> {
  const points = text
    .split('\n')
    .filter((line) => line.includes('"type":"Point"'))
    .map((line) => JSON.parse(line) as Point);
  const of = (metric: string) =>
    points
      .filter((point) => point.metric === metric)
      .map(({ data: { time, value, tags } }) => ({ value, tags, atMs: Date.parse(time) }));
  return {
    requests: of('undecided').map(({ value, tags, atMs }) => {
      const counts = tags['load'] === 'yes';
      return { action: tags['action'] ?? '', isDecided: value === 0, counts, atMs };
    }),
    joins: of('http_reqs')
      .filter(({ tags }) => tags['action'] === undefined)
      .map(({ tags, atMs }) => ({ status: Number(tags['status']), atMs })),
  };
}
