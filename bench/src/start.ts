import path from 'node:path';
import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { residentBytes } from './measure/process-memory.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import { startChild } from './server/child.ts';

const program = new URL('../../packages/cli/bin/hunt.js', import.meta.url);
const mostMs = 500;
const mostBytes = 120e6;

export const start = defineBench({
  name: 'start',
  summary: 'First request answered after `hunt serve` on an empty directory',
  atLeast: '≤ 500 ms, ≤ 120 MB',
  sizes: {},
  async run(_sizes, runs): Promise<BenchResult> {
    // The first brings the files into the cache.
    await measureStart();
    const results = [];
    for (let run = 0; run < runs; run++) results.push(await measureStart());
    const value = median(results.map(({ ms }) => ms));
    const bytes = Math.max(...results.map(({ peakBytes }) => peakBytes));
    return {
      name: 'start',
      value: Math.round(value),
      unit: 'ms',
      reference: 'limit',
      referenceValue: mostMs,
      ratio: rounded(value / mostMs),
      met: value <= mostMs && bytes > 0 && bytes <= mostBytes,
      peakMegabytes: rounded(bytes / 1e6),
      peakMegabytesLimit: mostBytes / 1e6,
      runs: results.map(({ ms }) => Math.round(ms)),
    };
  },
});

function measureStart() {
  return withTemporaryDirectory(async (directory) => {
    const data = path.join(directory, 'data');
    const from = performance.now();
    const server = await startChild<{ readonly url: string }>([
      program,
      ...['serve', '--data', data, '--port', '0', '--json'],
    ]);
    try {
      const response = await fetch(`${server.facts.url}/v1/hunts`);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`the first request was answered ${response.status}`);
      const ms = performance.now() - from;
      return { ms, peakBytes: residentBytes(server.pid, 'VmHWM') ?? 0 };
    } finally {
      await server.terminate();
    }
  });
}
