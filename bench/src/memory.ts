import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import type { MemoryReport } from './memory-process.ts';
import { startChild } from './server/child.ts';

const mostBytes = 1_024;

export const memory = defineBench({
  name: 'memory',
  summary: 'State of a million players in one hunt',
  atLeast: '≤ 1 KB each',
  sizes: { players: 1_000_000, partitions: 1 },
  async run({ players, partitions }, runs): Promise<BenchResult> {
    const reports: MemoryReport[] = [];
    for (let run = 0; run < runs; run++) reports.push(await measureMemory(players, partitions));
    const perPlayer = ({ residentBytes }: MemoryReport) => residentBytes / players;
    const value = median(reports.map(perPlayer));
    const last = reports.at(-1)!;
    return {
      name: 'memory',
      value: Math.round(value),
      unit: 'resident bytes a player',
      reference: 'limit',
      referenceValue: mostBytes,
      ratio: rounded(value / mostBytes),
      met: value <= mostBytes,
      stateBytesPerPlayer: Math.round(last.stateBytes / players),
      players,
      residentMegabytesBefore: Math.round(last.residentBytesBefore / 1e6),
      residentMegabytes: Math.round(last.residentBytes / 1e6),
      runs: reports.map((report) => Math.round(perPlayer(report))),
    };
  },
});

function measureMemory(players: number, partitions: number): Promise<MemoryReport> {
  return withTemporaryDirectory(async (directory) => {
    const script = new URL('./memory-process.ts', import.meta.url);
    const words = [directory, String(players), String(partitions)];
    const child = await startChild<MemoryReport>(['--expose-gc', script, ...words]);
    await child.stop();
    return child.facts;
  });
}
