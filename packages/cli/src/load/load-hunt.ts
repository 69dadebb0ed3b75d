import path from 'node:path';
import { loadHuntYaml, type Scenario, type TracedAnswer } from '@hunt/load';
import type { HuntDefinition } from '@hunt/rules';
import { compileHunt, huntFromTrace } from '@hunt/rules/definition';
import { readHunt } from '../check/hunt-file.ts';
import { recordedContest } from '../replay/recorded-contest.ts';
import { readText } from '../terminal/files.ts';

/** The hunt that a scenario is played on. */
export interface LoadHunt {
  readonly source: string;
  readonly definition: HuntDefinition;
  /** Of the whole recorded contest, when there is one. */
  readonly trace: readonly TracedAnswer[] | undefined;
}

/** A contest that is played now has to be open now, and until the load is over. */
const openedMs = 60_000;
const openForMs = 366 * 86_400_000;

/**
 * The hunt that the scenario names, relative to its file; else one for its trace, open from now on; else
 * one made for load. Throws cli-file-unreadable, cli-hunt-invalid, cli-trace-problem-unknown, and what
 * `parseContestTrace` throws.
 */
export function loadHunt(scenario: Scenario, file: string): LoadHunt {
  const beside = (name: string) => path.resolve(path.dirname(file), name);
  const csv = scenario.trace === undefined ? undefined : readText(beside(scenario.trace.file));
  if (scenario.hunt !== undefined) {
    const { source, definition } = readHunt(beside(scenario.hunt));
    return { source, definition, trace: csv === undefined ? undefined : traceOf(csv, definition) };
  }
  const source = csv === undefined ? loadHuntYaml() : huntOpenNow(csv);
  const definition = compileHunt(source, 'a hunt made for load').hunt!;
  return { source, definition, trace: csv === undefined ? undefined : traceOf(csv, definition) };
}

function huntOpenNow(csv: string): string {
  const second = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const opensAt = Date.now() - openedMs;
  const id = `load-${Math.floor(opensAt / 1_000).toString(36)}`;
  const source = huntFromTrace(csv, { id, title: 'Recorded contest', opens: second(opensAt) });
  return source.replace(/^closes: .*$/m, `closes: ${second(opensAt + openForMs)}`);
}

function traceOf(csv: string, definition: HuntDefinition): TracedAnswer[] {
  const right = new Map(definition.steps.map(({ id, answers }) => [id, answers[0]]));
  return recordedContest(csv, definition).commands.map((command) => {
    const { team, at } = command;
    const { step, answer } = command as typeof command & { step: string; answer: string };
    return { team, step, isRight: answer === right.get(step), atMs: at - definition.opensAt };
  });
}
