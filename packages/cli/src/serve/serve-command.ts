import { flushCompileCache } from 'node:module';
import path from 'node:path';
import type { EngineOptions } from '@hunt/engine';
import type { HuntDefinition } from '@hunt/rules';
import { webFiles } from '@hunt/web';
import { defineCommand } from '../arguments/command.ts';
import {
  choiceFlag,
  numberFlag,
  numberFlagOr,
  switchFlag,
  textFlag,
  textFlagOr,
  textsFlag,
} from '../arguments/flag.ts';
import { layersOverFile, settingsFile, settingsFlags } from '../config/asked-settings.ts';
import { exitCode } from '../exit-code.ts';
import { listenForInterruption } from '../terminal/interruption.ts';
import { listenForHangUp } from './hang-up.ts';
import { release } from './release.ts';

type LogLevel = NonNullable<EngineOptions['logLevel']>;

export const serveCommand = defineCommand({
  name: 'serve',
  summary: 'Runs the engine: API, web pages and storage in one process',
  flags: {
    data: textFlagOr('DIR', 'Data directory; made when it is not there.', 'data'),
    host: textFlagOr(
      'ADDRESS',
      'Address to listen on, or a name: its first address of IPv4, else of IPv6.',
      '127.0.0.1',
    ),
    port: numberFlagOr('N', 'Port; 0 takes a free one.', { least: 0, most: 65_535 }, 8080),
    hunt: textsFlag('FILE', 'A hunt to publish; may be given several times.'),
    partitions: numberFlag('N', 'Partitions of a new data directory; never changes afterwards.', {
      least: 1,
      most: 64,
    }),
    cluster: textFlag('FILE', 'Runs as a node of the cluster that the file describes.'),
    node: textFlag(
      'NAME',
      'With --cluster: the name of this node, in place of the one in the file.',
    ),
    address: textFlag('HOST:PORT', 'With --cluster: where other nodes ask this one.'),
    zone: textFlag('NAME', 'With --cluster: what this node fails together with.'),
    roles: textFlag(
      'LIST',
      'With --cluster, with commas: gateway processor views archiver coordinator; all.',
    ),
    log: choiceFlag(
      ['auto', 'debug', 'info', 'warn', 'error', 'silent'],
      'Least level of the log lines on the error stream; auto is warn on a terminal, else info.',
      'auto',
    ),
    config: settingsFlags.config,
    set: settingsFlags.set,
    json: switchFlag('One JSON object once it is ready: {url, data, organiserKeyFile}.'),
  },
  notes: [
    'A new data directory without --hunt gets the sample hunt "city-lights".',
    'SIGHUP has the file of --config read again; without a cluster it also is when it changes. What counts at once is taken, all of it or nothing; the log says what.',
    'SIGUSR2 has log lines of level debug written, and again has them written no more.',
    'SIGTERM or Ctrl-C stops it cleanly, a second one at once. Nothing acknowledged is lost either way.',
  ],
  async run({ flags, terminal }) {
    const interruption = listenForInterruption();
    const hangUp = listenForHangUp(terminal);
    const stop = stopSignal([interruption.signal, hangUp.terminalGone]);
    const data = path.resolve(flags.data);
    const hunts = await readHunts(flags.hunt);
    const { engineSchema, startEngine } = await import('@hunt/engine');
    const { ConfigKeeper } = await import('veltrix/config');
    const { CodedError } = await import('veltrix');
    const place = { host: flags.host, port: flags.port, web: webFiles };
    const file = flags.config === undefined ? undefined : await settingsFile(flags.config);
    const layers = await layersOverFile(flags, terminal.env);
    if (file) layers.unshift(file.read());
    const read = { layers, ...(file && { settingsFile: file }) };
    const level = logLevel(flags.log, terminal.errIsTerminal);
    const start = async () => {
      if (flags.cluster !== undefined) {
        const { startNode } = await import('./start-node.ts');
        return startNode({ ...flags, cluster: flags.cluster }, stop, {
          ...place,
          ...{ hunts, ...read, logLevel: level },
        });
      }
      const asker = { roles: engineSchema.roles };
      return startEngine({
        ...place,
        directory: data,
        hunts,
        firstHunts: async () => [await sampleHunt()],
        ...(flags.partitions !== undefined && { partitions: flags.partitions }),
        settings: new ConfigKeeper({ schema: engineSchema, layers, asker }),
        ...(file && { settingsFile: file }),
        logLevel: level,
        release,
      });
    };
    const engine = await started(flags, start(), stop);
    // It was asked to end while it waited for its servers.
    if (engine === undefined) return exitCode.ok;
    const toggleDebug = () => engine.toggleDebug();
    process.on('SIGUSR2', toggleDebug);
    hangUp.follow(() => engine.reloadSettings());
    const { url, organiserKeyFile } = engine;
    let failure: Error | undefined;
    const faulty = new Promise<void>((resolve) => {
      engine.onFailure((error, isOver) => {
        if (isOver) failure = error;
        else failure ??= error;
        // What has an id is the machine's; the rest still serves. A fault of ours nobody can vouch for.
        if (isOver || !(error instanceof CodedError)) resolve();
      });
    });
    if (flags.json) terminal.out(`${JSON.stringify({ url, data, organiserKeyFile })}\n`);
    else if (flags.cluster !== undefined) {
      const { nodeLines } = await import('./start-node.ts');
      terminal.out(nodeLines(url, organiserKeyFile));
    } else {
      const { invitation } = await import('./invitation.ts');
      const sample = await sampleHunt();
      const served = engine.serves(sample.id) ? sample : undefined;
      const { columns } = terminal;
      terminal.out(invitation({ url, data, organiserKeyFile, columns, sample: served }));
    }
    // Now, because a process that is killed keeps nothing of what it compiled for the next start.
    flushCompileCache();
    try {
      await Promise.race([stopAsked(stop), faulty]);
    } finally {
      await engine.close();
      process.off('SIGUSR2', toggleDebug);
      hangUp.dispose();
      interruption.dispose();
      if (process.connected) process.disconnect();
    }
    if (failure) throw failure;
    return exitCode.ok;
  },
});

/** What the operating system says about an address, in words. */
const addressReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'only a privileged process may take this port',
  ENOTFOUND: 'there is no host of this name',
};

/**
 * Turns what the operating system says about the address or the data directory into our own error. Undefined where
 * the signal ended the start.
 */
async function started<Result>(
  { host, port, data }: { readonly host: string; readonly port: number; readonly data: string },
  start: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  try {
    return await start;
  } catch (error) {
    const { name, syscall, code = '', message } = error as NodeJS.ErrnoException;
    if (signal.aborted && name === 'AbortError') return undefined;
    const { cliErrors } = await import('../errors.ts');
    if (syscall === 'mkdir') {
      throw cliErrors.create('cli-file-unwritable', {
        file: data,
        reason: code === 'EEXIST' ? 'it is a file' : message.replace(/,.*$/s, ''),
      });
    }
    if (syscall !== 'listen' && syscall !== 'getaddrinfo') throw error;
    const reason = addressReasons[code] ?? code;
    throw cliErrors.create('cli-address-unavailable', { host, port, reason });
  }
}

function logLevel(chosen: 'auto' | LogLevel, onTerminal: boolean): LogLevel {
  if (chosen !== 'auto') return chosen;
  return onTerminal ? 'warn' : 'info';
}

/** The compiler is loaded only when there is a file to read: a restart mostly has none. */
async function readHunts(files: readonly string[]): Promise<HuntDefinition[]> {
  if (files.length === 0) return [];
  const { readHunt } = await import('../check/hunt-file.ts');
  return files.map((file) => readHunt(file).definition);
}

/** Compiled beforehand: the compiler would cost a first start time and memory. */
async function sampleHunt(): Promise<HuntDefinition> {
  const { default: hunt } = await import('../../generated/sample-hunt.json', {
    with: { type: 'json' },
  });
  return hunt as HuntDefinition;
}

/** Aborts with one of the signals, or when the process that started this one is gone: also while servers are waited for. */
function stopSignal(asked: AbortSignal[]): AbortSignal {
  if (!process.connected) return AbortSignal.any(asked);
  const gone = new AbortController();
  process.once('disconnect', () => gone.abort());
  // Who listens to it would keep the process alive.
  process.channel?.unref();
  return AbortSignal.any([...asked, gone.signal]);
}

function stopAsked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      if (process.connected) process.disconnect();
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
