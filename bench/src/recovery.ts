import { type BenchResult, defineBench, rounded } from './bench.ts';
import { withTemporaryDirectory } from './measure/temporary-directory.ts';
import type { Recovered } from './recovery-process.ts';
import { startChild } from './server/child.ts';

const mostMs = 1_000;
const script = new URL('./recovery-process.ts', import.meta.url);

export const recovery = defineBench({
  name: 'recovery',
  summary: 'SIGKILL under load with a log of ten million commands, until ready',
  atLeast: '≤ 1 s',
  sizes: { commands: 10_000_000, moreAtMost: 1_000_000, partitions: 1 },
  async run(sizes, runs): Promise<BenchResult> {
    const { commands, moreAtMost, partitions } = sizes;
    return withTemporaryDirectory(async (directory) => {
      const results: { readonly ms: number; readonly facts: Recovered }[] = [];
      const live = (life: number, count: number) => {
        const words = [directory, partitions, count, life].map(String);
        return startChild<Recovered>([script, ...words]);
      };
      let child = await live(0, commands);
      await child.nextLine();
      for (let run = 0; run < runs; run++) {
        // Each time later after a checkpoint; the last, or only, time shortly before the next.
        await decided(child, (moreAtMost * (run + 0.9)) / runs);
        await child.kill();
        const from = performance.now();
        child = await live(run + 1, 0);
        results.push({ ms: performance.now() - from, facts: child.facts });
      }
      await child.kill();
      const { ms: value, facts } = results.reduce((slowest, one) => {
        return one.ms > slowest.ms ? one : slowest;
      });
      return {
        name: 'recovery',
        value: Math.round(value),
        unit: 'ms from starting the process, the slowest run',
        reference: 'limit',
        referenceValue: mostMs,
        ratio: rounded(value / mostMs),
        met: value <= mostMs,
        readyMs: Math.round(facts.readyMs),
        commandsInLog: `over ${commands}`,
        recordsInLog: facts.recordsInLog,
        recordsFoldedAgain: facts.recordsFolded,
        recordsDecidedAfterwards: facts.recordsDecided,
        tornBytes: facts.tornBytes,
        runs: results.map(({ ms }) => Math.round(ms)),
      };
    });
  },
});

/** Waits until it has decided so many more; it says so now and then, and goes on. */
async function decided(
  child: { readonly nextLine: () => Promise<string> },
  more: number,
): Promise<void> {
  const begin = Number(await child.nextLine());
  while (Number(await child.nextLine()) < begin + more);
}
