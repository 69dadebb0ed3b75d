import { type FileCost, fileCost, isServerTest, machineCores } from './file-cost.ts';
import { runTestFile, type TestFileResult, type TestLimits } from './test-file.ts';

/** Starting, a cluster takes both cores and two gigabytes, whatever it takes on average. */
const serverFilesMost = 2;

/**
 * Runs the files, those that take longest first, each as soon as the cores that it keeps busy are free, and
 * no more than two that start servers at a time. Yields the results in the order in which they end. What wants
 * the whole machine begins when nothing else runs, and runs alone.
 */
export async function* runTestFiles(
  files: readonly string[],
  limits: TestLimits,
  costOf: (file: string) => FileCost = fileCost,
): AsyncGenerator<TestFileResult> {
  const waiting = [...files].sort((one, other) => costOf(other).seconds - costOf(one).seconds);
  const active = new Map<string, Promise<TestFileResult>>();
  for (;;) {
    const next = waiting.findIndex((file) => fitsIn(file, [...active.keys()], costOf));
    if (next >= 0) {
      const [file = ''] = waiting.splice(next, 1);
      active.set(file, runTestFile(file, limits));
      continue;
    }
    if (active.size === 0) return;
    const result = await Promise.race(active.values());
    active.delete(result.file);
    yield result;
  }
}

function fitsIn(
  file: string,
  active: readonly string[],
  costOf: (file: string) => FileCost,
): boolean {
  if (active.length === 0) return true;
  const together = [...active, file];
  const cores = together.reduce((sum, each) => sum + costOf(each).cores, 0);
  // Costs are tenths, whose sums in binary are a little off.
  return cores <= machineCores + 0.01 && together.filter(isServerTest).length <= serverFilesMost;
}
