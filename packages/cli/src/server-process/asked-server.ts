import { existsSync } from 'node:fs';
import { veltrixErrors } from 'veltrix';
import { cliErrors } from '../errors.ts';
import { ServerProcess } from './server-process.ts';

/** A server that a command asks something of. */
export interface AskedServer {
  readonly url: string;
  /** Only of one that was started for the command. */
  readonly organiserKeyFile?: string;
}

/** What the flags of the command `command` say; one of the two is to be given. */
export interface ServerFlags {
  readonly command: string;
  readonly target: string | undefined;
  readonly data: string | undefined;
}

/**
 * Asks the server at `target`, or the engine, started for a moment on the directory `data`: it alone
 * knows how to read its data. Throws cli-flags-conflict, cli-flag-missing, veltrix-log-missing, and what
 * `ServerProcess.start` throws.
 */
export async function askServer<Answer>(
  { command, target, data }: ServerFlags,
  ask: (server: AskedServer) => Promise<Answer>,
): Promise<Answer> {
  if (target !== undefined && data !== undefined) {
    throw cliErrors.create('cli-flags-conflict', { flag: '--target', other: '--data' });
  }
  if (target !== undefined) return ask({ url: target });
  if (data === undefined) {
    throw cliErrors.create('cli-flag-missing', { command, flag: '--target URL or --data DIR' });
  }
  if (!existsSync(`${data}/log`)) {
    throw veltrixErrors.create('veltrix-log-missing', { directory: data });
  }
  const server = await ServerProcess.start({ data });
  try {
    return await ask(server.announcement);
  } finally {
    await server.stop();
  }
}
