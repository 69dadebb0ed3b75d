import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { repositoryRoot } from '../repository.ts';
import { runCommand } from './command.ts';
import { isServerTest } from './file-cost.ts';
import type { ReportLine } from './json-reporter.ts';
import type { TestOutcome } from './test-counts.ts';

export interface TestLimits {
  /** One test may take this long. */
  readonly testTimeoutMs: number;
  /** One file may take this long from start to exit; what it started is killed with it. */
  readonly fileTimeoutMs: number;
}

export interface TestFileResult {
  readonly file: string;
  readonly outcomes: readonly TestOutcome[];
  readonly milliseconds: number;
  /** What the file printed; shown when something in it failed. */
  readonly output: string;
}

/**
 * Runs one test file in a process of its own. A file that runs no test, crashes, or does not end
 * (a timer, server or handle was left open) is a failed test of its own, and so is one that cannot be run, say for a full
 * disk: the others go on. Never throws.
 */
export async function runTestFile(file: string, limits: TestLimits): Promise<TestFileResult> {
  const started = performance.now();
  try {
    return await runReported(file, limits);
  } catch (error) {
    const outcome = { name: file, at: file, result: 'failed', reason: inspect(error) } as const;
    const milliseconds = performance.now() - started;
    return { file, outcomes: [outcome], milliseconds, output: '' };
  }
}

async function runReported(file: string, limits: TestLimits): Promise<TestFileResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hunt-test-'));
  const report = path.join(folder, 'report.jsonl');
  try {
    const result = await runCommand(
      process.execPath,
      [
        `--test-timeout=${limits.testTimeoutMs}`,
        `--test-reporter=${path.join(import.meta.dirname, 'json-reporter.ts')}`,
        `--test-reporter-destination=${report}`,
        file,
      ],
      limits.fileTimeoutMs,
    );
    const outcomes = readReport(report, file);
    const failed = outcomes.some((outcome) => outcome.result === 'failed');
    const fail = (reason: string) =>
      outcomes.push({ name: file, at: file, result: 'failed', reason });
    if (result.timedOut) {
      fail(`did not end within ${limits.fileTimeoutMs} ms: look for what it leaves open`);
    } else if (result.code !== 0 && !failed) {
      fail(`ended with exit code ${result.code}`);
    } else if (outcomes.length === 0) {
      fail('runs no test');
    }
    return { file, outcomes, milliseconds: result.milliseconds, output: result.output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(report: string, file: string): TestOutcome[] {
  let text: string;
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    return [];
  }
  // A killed process may leave half a line at the end.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { name, result, reason, line: number } = JSON.parse(line) as ReportLine;
      return { name, at: `${file}:${number}`, result, reason };
    });
}

/** The command that runs one test file alone, as it was run: with the limit of a test, and Java's options for servers. */
export function rerunCommand(file: string, { testTimeoutMs }: TestLimits): string {
  const java = process.env['HUNT_SERVICES_JAVA'];
  const variable = isServerTest(file) && java ? `HUNT_SERVICES_JAVA='${java}' ` : '';
  const place = path.relative(repositoryRoot, path.resolve(repositoryRoot, file));
  return `${variable}npx node --test --test-timeout=${testTimeoutMs} ${place}`;
}
