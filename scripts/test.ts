import { existsSync } from 'node:fs';
import path from 'node:path';
import { whyNotAvailable } from '@hunt/services';
import { readCommandLine } from './command-line.ts';
import { isTestFile, repositoryRoot, sourceFiles } from './repository.ts';
import { installHints, installSystemPackages } from './system-packages.ts';
import { runCommand } from './test-run/command.ts';
import { isServerTest } from './test-run/file-cost.ts';
import {
  closingLine,
  countOutcomes,
  judgeOutcome,
  type TestOutcome,
} from './test-run/test-counts.ts';
import { rerunCommand, type TestFileResult } from './test-run/test-file.ts';
import { runTestFiles } from './test-run/test-files.ts';

/** A check that is one command; it counts as one test. */
interface Stage {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** The command or the change that mends it. */
  readonly remedy: string;
}

const simulator = 'packages/engine/src/simulation/main.ts';
const stageTimeoutMs = 8 * 60_000;
const testLimits = { testTimeoutMs: 60_000, fileTimeoutMs: 10 * 60_000 };
const shownLines = 40;

const checks: readonly Stage[] = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'], remedy: 'npm run typecheck' },
  {
    name: 'types of the pages',
    command: ['tsc', '-p', 'packages/web/tsconfig.json'],
    remedy: 'npm run typecheck',
  },
  { name: 'lint and format', command: ['biome', 'check', '.'], remedy: 'npm run fix' },
  {
    name: 'import direction',
    command: ['node', 'scripts/import-direction.ts'],
    remedy: 'import as each line says; the table is in scripts/import-direction.ts',
  },
  {
    name: 'unused code',
    command: ['knip', '--no-progress'],
    remedy: 'delete what is unused, or name a new entry point in knip.json (npm run unused)',
  },
  {
    name: 'generated files',
    command: ['node', 'scripts/generate.ts', '--check'],
    remedy: 'npm run docs',
  },
  { name: 'lock file', command: ['node', 'scripts/lock-file.ts'], remedy: 'npm run lock' },
];

const simulatorStages: readonly Stage[] = (['contest', 'cluster'] as const).map((world) => ({
  name: `simulator, ${world}s`,
  command: ['node', simulator, '--world', world, '--seeds', '2000'],
  remedy: 'replay the failing seed with the command printed above',
}));

const downloadStage: Stage = {
  name: 'downloads of servers',
  command: ['node', 'services/src/main.ts', 'download'],
  remedy: 'let mvn reach Maven Central, then npm run services -- download',
};

/** Compiled with Go: a minute and a half, once on a machine. Where it is not there its tests skip and say so. */
const k6Stage: Stage = {
  name: 'k6',
  command: ['node', 'scripts/load/plans-main.ts', '--tools'],
  remedy: 'install Go, and let it reach its module proxy; then npm run load:plans -- --tools',
};

const { quick } = readCommandLine({
  command: 'npm test --',
  summary: 'Runs all checks and tests.',
  options: { quick: { text: 'no simulator, no browser, no real servers; npm run verify' } },
});
const ci = process.env['CI'] === 'true';
const outcomes: TestOutcome[] = [];

// Servers live for seconds here: what Java's second compiler wins later it costs at the start, two fifths of that.
process.env['HUNT_SERVICES_JAVA'] ??= '-XX:TieredStopAtLevel=1';
for (const stage of checks) outcomes.push(await runStage(stage));
const files = sourceFiles()
  .filter((file) => isTestFile(file) && file.endsWith('.test.ts'))
  .filter((file) => !(quick && needsPrograms(file)));
if (ci && files.some(needsPrograms)) {
  outcomes.push(await installPrograms());
}
// Before the tests, whose time limits are for what the servers do and not for a slow network.
if (files.some(isServerTest) && whyNotAvailable('kafka') === undefined) {
  outcomes.push(await runStage(downloadStage));
}
if (ci && !quick) outcomes.push(await runStage(k6Stage));
const results = await runTests(files);
if (!quick && existsSync(path.join(repositoryRoot, simulator))) {
  for (const stage of simulatorStages) outcomes.push(await runStage(stage));
}
reportSkips(outcomes);
reportSlowest(results);
const counts = countOutcomes(outcomes);
console.log(closingLine(counts));
if (counts.failed > 0) process.exitCode = 1;

/** Starts programs that npm does not bring: a browser, or real servers. */
function needsPrograms(file: string): boolean {
  return file.endsWith('.browser.test.ts') || isServerTest(file);
}

async function runStage({ name, command, remedy }: Stage): Promise<TestOutcome> {
  const [program, ...args] = command;
  const result = await runCommand(program, args, stageTimeoutMs);
  const failed = result.code !== 0 || result.timedOut;
  reportLine(name, failed ? 'FAILED' : 'ok', result.milliseconds);
  if (failed) {
    if (result.timedOut) console.log(`  did not end within ${stageTimeoutMs} ms`);
    reportOutput(result.output);
    console.log(`  Remedy: ${remedy}`);
  }
  return { name, at: command.join(' '), result: failed ? 'failed' : 'passed', reason: '' };
}

/** Only CI's machine is ours to change; elsewhere the tests skip and say what they need. */
async function installPrograms(): Promise<TestOutcome> {
  const started = performance.now();
  const { missing, output } = await installSystemPackages();
  const failed = missing.length > 0;
  reportLine('system packages', failed ? 'FAILED' : 'ok', performance.now() - started);
  if (failed) {
    reportOutput(output);
    for (const hint of installHints(missing)) console.log(`  Remedy: ${hint}`);
  }
  const result = failed ? 'failed' : 'passed';
  return { name: 'system packages', at: 'scripts/system-packages.ts', result, reason: '' };
}

async function runTests(testFiles: readonly string[]): Promise<TestFileResult[]> {
  const started = performance.now();
  const ended: TestFileResult[] = [];
  const judged: TestOutcome[] = [];
  for await (const result of runTestFiles(testFiles, testLimits)) {
    ended.push(result);
    const ofFile = result.outcomes.map((outcome) => judgeOutcome(outcome, ci));
    judged.push(...ofFile);
    const failures = ofFile.filter((outcome) => outcome.result === 'failed');
    if (failures.length === 0) continue;
    for (const { name, at, reason } of failures) {
      console.log(`FAILED ${at}  ${name}`);
      reportOutput(reason);
    }
    if (result.output.trim() !== '') {
      console.log('  It printed:');
      reportOutput(result.output);
    }
    console.log(`  Remedy: mend it, then run it alone: ${rerunCommand(result.file, testLimits)}`);
  }
  const { failed } = countOutcomes(judged);
  const name = `tests (${judged.length} in ${testFiles.length} files)`;
  reportLine(name, failed > 0 ? 'FAILED' : 'ok', performance.now() - started);
  outcomes.push(...judged);
  return ended;
}

function reportLine(name: string, result: string, milliseconds: number): void {
  console.log(`${name.padEnd(36)} ${result.padEnd(6)} ${(milliseconds / 1000).toFixed(1)} s`);
}

/** The first lines say what went wrong, the last how it ended. */
function reportOutput(output: string): void {
  const lines = output.trimEnd().split('\n');
  const hidden = lines.length - 2 * shownLines;
  if (hidden > 0) lines.splice(shownLines, hidden, `… ${hidden} lines …`);
  for (const line of lines) console.log(`  ${line}`);
}

function reportSkips(all: readonly TestOutcome[]): void {
  for (const { name, at, result, reason } of all) {
    if (result === 'skipped') console.log(`skipped ${at}  ${name}: ${reason}`);
  }
}

function reportSlowest(all: readonly TestFileResult[]): void {
  const slowest = [...all].sort((one, other) => other.milliseconds - one.milliseconds).slice(0, 5);
  if (slowest.length > 0) console.log('Slowest test files:');
  for (const { file, milliseconds } of slowest) {
    console.log(`  ${(milliseconds / 1000).toFixed(1).padStart(6)} s  ${file}`);
  }
}
