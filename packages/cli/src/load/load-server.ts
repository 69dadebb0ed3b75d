import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { targetOf } from '@hunt/load';
import { createOrganiserClient, createPlayerClient, type OrganiserClient } from '@hunt/sdk';
import { remoteClient } from '../server-process/remote-server.ts';
import { ServerProcess } from '../server-process/server-process.ts';
import { readText } from '../terminal/files.ts';
import type { LoadHunt } from './load-hunt.ts';

export interface LoadServerOptions {
  readonly target: string | undefined;
  readonly hunt: LoadHunt;
  /** Players scan, so that the codes of the posters have to be known. */
  readonly needsCodes: boolean;
  /** Of a server of its own, as `--set` takes them. */
  readonly settings?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

export interface LoadServer {
  readonly baseUrl: string;
  /** By id of the step. */
  readonly scanCodes: Readonly<Record<string, string>>;
  /** Of a server of its own. */
  readonly pid?: number;
}

/** The generator is one address and a whole crowd: what protects from such is out of its way. */
const ownSettings = ['gateway.joinRatePerSecond=1000000', 'gateway.joinBurst=1000000'];

/**
 * Runs `task` against the target, or a server of its own on a directory that is removed again, with the
 * hunt published. Throws load-target-invalid, cli-key-missing, what `ServerProcess.start` throws, and `ProblemError`.
 */
export async function withLoadServer<Result>(
  options: LoadServerOptions,
  task: (server: LoadServer) => Promise<Result>,
): Promise<Result> {
  const { target, hunt, needsCodes, env, signal } = options;
  if (target !== undefined) {
    const { url: baseUrl } = targetOf(target);
    if (!needsCodes && !env['HUNT_ORGANISER_KEY']) {
      // Without a key it cannot be published; an unknown hunt is told now and not by every arrival.
      await createPlayerClient({ baseUrl, hunt: hunt.definition.id }).definition(signal);
      return task({ baseUrl, scanCodes: {} });
    }
    const organiser = remoteClient(baseUrl, env);
    await organiser.publish(hunt.source, signal);
    return task({ baseUrl, scanCodes: await codesOf(organiser, options) });
  }
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-load-'));
  try {
    const file = path.join(directory, 'hunt.yaml');
    writeFileSync(file, hunt.source);
    const data = path.join(directory, 'data');
    const server = await ServerProcess.start({
      ...{ data, hunt: file, settings: [...ownSettings, ...(options.settings ?? [])] },
    });
    try {
      const { pid } = server;
      const { url: baseUrl, organiserKeyFile } = server.announcement;
      const key = readText(organiserKeyFile).trim();
      const scanCodes = await codesOf(createOrganiserClient({ baseUrl, key }), options);
      const died = server.failure().then((error) => Promise.reject(error));
      return await Promise.race([task({ baseUrl, scanCodes, pid }), died]);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function codesOf(
  organiser: OrganiserClient,
  { hunt, needsCodes, signal }: LoadServerOptions,
): Promise<Record<string, string>> {
  if (!needsCodes) return {};
  const codes = await organiser.scanCodes(hunt.definition.id, signal);
  return Object.fromEntries(codes.map(({ step, code }) => [step, code]));
}
