import { ProblemError } from '@hunt/sdk';
import { CodedError } from 'veltrix';
import { exitCode, exitCodeOf } from './exit-code.ts';
import { painter, type Terminal } from './terminal/terminal.ts';

interface Failure {
  readonly id: string;
  readonly message: string;
  readonly remedy: string;
  readonly code: number;
}

/** Says what went wrong in one line; the stack only for those who set HUNT_DEBUG=1. */
export async function reportFailure(
  error: unknown,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const failure = await failureOf(error);
  const { id, message, remedy, code } = failure;
  if (json) terminal.out(`${JSON.stringify({ error: { id, message, remedy } })}\n`);
  const line = [message, remedy].filter((part) => part !== '').join('. ');
  terminal.err(`${painter(terminal, 'err')('red', 'hunt:')} ${line.replace(/\s*\n\s*/g, ' ')}\n`);
  if (terminal.env['HUNT_DEBUG'] === '1' && error instanceof Error) {
    terminal.err(`${error.stack}\n`);
  }
  return code;
}

async function failureOf(error: unknown): Promise<Failure> {
  if (error instanceof CodedError) {
    const { id, message, retry } = error;
    return { id, message, remedy: await remedyOf(id), code: exitCodeOf(id, retry) };
  }
  if (error instanceof ProblemError) {
    const { code: id, message, status } = error;
    // What is not there may come, but not because somebody waits for it.
    const retry = status === 404 ? 'never' : error.retry;
    return { id, message, remedy: await remedyOf(id), code: exitCodeOf(id, retry) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    id: 'cli-fault',
    message: `A fault in the command: ${message} (cli-fault)`,
    remedy: 'Run it again with HUNT_DEBUG=1 for where it happened, and report that',
    code: exitCode.internal,
  };
}

/** From the registry that has the id; the client's own problems say in their message what helps. */
async function remedyOf(id: string): Promise<string> {
  const registries = await Promise.all([
    import('./errors.ts').then(({ cliErrors }) => cliErrors),
    import('veltrix').then(({ veltrixErrors }) => veltrixErrors),
    import('@hunt/rules').then(({ rulesErrors }) => rulesErrors),
  ]);
  for (const { definitions } of registries) {
    const definition = (definitions as Readonly<Record<string, { readonly remedy: string }>>)[id];
    if (definition !== undefined) return definition.remedy.replace(/\.$/, '');
  }
  return '';
}
