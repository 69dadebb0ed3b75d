import { exportedLoad, jmeterPlan, k6Script, scenarioOf } from '@hunt/load';
import { cliErrors } from '../errors.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { readText } from '../terminal/files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { loadHunt } from './load-hunt.ts';
import { withLoadServer } from './load-server.ts';

export interface ExportFlags {
  /** The scenario. */
  readonly file: string;
  readonly target: string | undefined;
  readonly tool: string;
}

const tools: Readonly<Record<string, typeof k6Script>> = { k6: k6Script, jmeter: jmeterPlan };
const answerTimeoutMs = 15_000;

/** Prints a scenario as another tool takes it, with the API as the server describes it. */
export async function exportScenario(
  { file, target, tool }: ExportFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const write = Object.hasOwn(tools, tool) ? tools[tool]! : undefined;
  if (write === undefined) {
    throw cliErrors.create('cli-flag-value-invalid', {
      ...{ flag: '--export', expected: Object.keys(tools).join(' or '), found: tool },
    });
  }
  const scenario = scenarioOf(readText(file), file);
  const hunt = loadHunt(scenario, file);
  const signal = AbortSignal.timeout(answerTimeoutMs);
  const needsCodes = scenario.mix.scan > 0;
  const where = { target, hunt, needsCodes, env: terminal.env, signal };
  const load = await withLoadServer(where, async ({ baseUrl, scanCodes }) => {
    const openApi = await (await fetch(`${baseUrl}/openapi.json`, { signal })).json();
    return exportedLoad({ scenario, hunt: hunt.definition, scanCodes, baseUrl, openApi });
  });
  terminal.out(write(load));
  return exitCode.ok;
}
