import { ProblemError } from '@hunt/sdk';
import { CodedError } from 'veltrix';
import { exitCodeOf } from './exit-code.ts';
import { ServerRefusal } from './server-process/server-refusal.ts';
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
  if (error instanceof ServerRefusal) return error;
  if (error instanceof CodedError) {
    const { id, message, retry } = error;
    return { id, message, remedy: await remedyOf(id), code: exitCodeOf(id, retry) };
  }
  if (error instanceof ProblemError) {
    const { code: id, message, status } = error;
    // What is not there may come, but not because somebody waits for it.
    const retry = status === 404 ? 'never' : error.retry;
    const remedy = status === 0 ? await firstCause(error) : await remedyOf(id);
    return { id, message, remedy, code: exitCodeOf(id, retry) };
  }
  const { cliErrors } = await import('./errors.ts');
  const reason = error instanceof Error ? error.message : String(error);
  return failureOf(cliErrors.create('cli-fault', { reason }));
}

type Definitions = Readonly<Record<string, { readonly remedy: string }>>;

/** By the first word of the ids in them; each is loaded only when an error needs it. */
const registries: Readonly<Record<string, () => Promise<Definitions>>> = {
  cli: () => import('./errors.ts').then(({ cliErrors }) => cliErrors.definitions),
  engine: () => import('@hunt/engine').then(({ engineErrors }) => engineErrors.definitions),
  load: () => import('@hunt/load').then(({ loadErrors }) => loadErrors.definitions),
  preflight: () =>
    import('@hunt/engine/preflight').then(({ preflightErrors }) => preflightErrors.definitions),
  sizing: () => import('@hunt/engine/sizing').then(({ sizingErrors }) => sizingErrors.definitions),
  rules: () => import('@hunt/rules').then(({ rulesErrors }) => rulesErrors.definitions),
  veltrix: () => import('veltrix').then(({ veltrixErrors }) => veltrixErrors.definitions),
};

/** From the registry that has the id; the client's own problems say in their message what helps. */
async function remedyOf(id: string): Promise<string> {
  const definitions = await registries[id.slice(0, id.indexOf('-'))]?.();
  return definitions?.[id]?.remedy.replace(/\.$/, '') ?? '';
}

/** What the operating system said first: it names the address that did not answer. */
async function firstCause(error: Error): Promise<string> {
  let cause: unknown = error;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  if (!(cause instanceof Error) || cause === error) return '';
  const { isUntrusted } = await import('veltrix/tls');
  const hint = isUntrusted(cause) ? '; set NODE_EXTRA_CA_CERTS to the file of the CA' : '';
  return `Reason: ${cause.message}${hint}`;
}
