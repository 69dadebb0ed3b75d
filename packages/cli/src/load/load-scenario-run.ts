import {
  compareRuns,
  compileScenario,
  htmlReport,
  type LoadReport,
  plannedLoad,
  reportFrom,
  runLoad,
  scenarioOf,
} from '@hunt/load';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { readText, replaceText } from '../terminal/files.ts';
import { longWork } from '../terminal/long-work.ts';
import { painter, type Terminal } from '../terminal/terminal.ts';
import { loadHunt } from './load-hunt.ts';
import { withLoadServer } from './load-server.ts';

export interface LoadFlags {
  /** The scenario. */
  readonly file: string;
  readonly target: string | undefined;
  readonly knee: boolean;
  readonly report: string | undefined;
  readonly compare: string | undefined;
  readonly json: boolean;
}

/** Says what is wrong with a scenario, or what it would send. */
export function checkScenario(
  { file, json }: Pick<LoadFlags, 'file' | 'json'>,
  terminal: Terminal,
): ExitCode {
  const { scenario, problems } = compileScenario(readText(file), file);
  const planned = scenario && plannedLoad(scenario);
  if (json)
    terminal.out(`${JSON.stringify({ valid: problems.length === 0, problems, planned })}\n`);
  else {
    const paint = painter(terminal, 'out');
    for (const { line, column, id, message, hint } of problems) {
      terminal.out(`${file}:${line}:${column} ${paint('red', id)} ${message}\n`);
      terminal.out(`  ${paint('cyan', 'hint:')} ${hint}\n`);
    }
    if (planned !== undefined) terminal.out(lines({ ...planned }));
  }
  return problems.length === 0 ? exitCode.ok : exitCode.foundWrong;
}

/** Sends the load, to the target or to a server of its own that is gone afterwards whatever happens. */
export async function runScenario(flags: LoadFlags, terminal: Terminal): Promise<ExitCode> {
  const scenario = scenarioOf(readText(flags.file), flags.file);
  const hunt = loadHunt(scenario, flags.file);
  const { compare } = flags;
  // Before minutes are spent on a run that could not be compared.
  const earlier = compare === undefined ? undefined : reportFrom(readText(compare), compare);
  return longWork(terminal, flags.json, async ({ signal, progress }) => {
    const { target } = flags;
    const needsCodes = scenario.trace === undefined && scenario.mix.scan > 0;
    const where = { target, hunt, needsCodes, env: terminal.env, signal };
    const run = await withLoadServer(where, ({ baseUrl, scanCodes }) =>
      runLoad({
        ...{ scenario, hunt: hunt.definition, trace: hunt.trace, baseUrl, scanCodes, signal },
        isSearch: flags.knee,
        onProgress: (text) => progress.show(text),
      }),
    );
    const comparison = earlier && compareRuns(earlier, run, compare!);
    const report: LoadReport = comparison === undefined ? run : { ...run, comparison };
    progress.clear();
    if (flags.report !== undefined) replaceText(flags.report, htmlReport(report));
    show(report, flags.json, terminal);
    return exitCodeFor(report);
  });
}

function exitCodeFor({ verdict, comparison }: LoadReport): ExitCode {
  if (verdict.word === 'generator-saturated') return exitCode.saturated;
  const isWrong = verdict.word === 'missed' || comparison?.isWorse === true;
  return isWrong ? exitCode.foundWrong : exitCode.ok;
}

function show(report: LoadReport, json: boolean, terminal: Terminal): void {
  if (json) {
    terminal.out(`${JSON.stringify(report)}\n`);
    return;
  }
  const { verdict, figures, comparison, record } = report;
  const colour = { met: 'cyan', measured: 'cyan', missed: 'red', 'generator-saturated': 'yellow' };
  const paint = painter(terminal, 'out');
  terminal.out(
    `${paint(colour[verdict.word] as 'cyan' | 'red' | 'yellow', verdict.word)}: ${verdict.sentence}\n`,
  );
  if (comparison !== undefined) terminal.out(`compared: ${comparison.sentence}\n`);
  terminal.out(lines({ ...figures }));
  for (const [id, count] of Object.entries(record.failures)) terminal.out(lines({ [id]: count }));
}

function lines(values: Readonly<Record<string, number>>): string {
  const line = ([name, value]: [string, number]) =>
    `${name.padEnd(18)} ${Number(value.toPrecision(4))}\n`;
  return Object.entries(values).map(line).join('');
}
