import type { HuntDefinition, Problem } from '@hunt/rules';
import { compileHunt } from '@hunt/rules/definition';
import { cliErrors } from '../errors.ts';
import { readText } from '../terminal/files.ts';

export interface HuntFile {
  readonly file: string;
  readonly source: string;
  readonly definition: HuntDefinition;
}

/** Reads and compiles a hunt that a command needs. Throws cli-file-unreadable, cli-hunt-invalid. */
export function readHunt(file: string): HuntFile {
  const source = readText(file);
  const { hunt, problems } = compileHunt(source, file);
  if (hunt === undefined) throw invalidHunt(problems);
  return { file, source, definition: hunt };
}

function invalidHunt(problems: readonly Problem[]): Error {
  const { file, line, column, id, message } = problems[0]!;
  const problem = `${message} (${id})`;
  return cliErrors.create('cli-hunt-invalid', {
    ...{ file, count: problems.length, line, column, problem },
  });
}
