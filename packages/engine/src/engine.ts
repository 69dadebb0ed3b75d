import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HuntDefinition } from '@hunt/rules';
import type { Logger } from 'pino';
import { type Clock, NodeDisk, readDirectoryMark, refuseMarked, systemClock } from 'veltrix';
import type { SettingsFile } from 'veltrix/config';
import { measureArchive } from './archive/archive-metrics.ts';
import { ArchiverClient } from './archive/archiver-client.ts';
import { MemoryBus } from './bus/memory/memory-bus.ts';
import {
  archiveBatchMaxBytes,
  archiveQueriesMax,
  type EngineSettings,
  liveLogConfig,
  liveTraceConfig,
  processorSettings,
  retentionSettings,
  settingsSource,
  settingValues,
  viewsSettings,
} from './engine-settings.ts';
import { openGatewayTls } from './gateway/gateway-tls.ts';
import type { WebFiles } from './gateway/routes/page-routes.ts';
import { openOrganiserKeyFile } from './identity/organiser-key-file.ts';
import { openSecretFile } from './identity/secret-file.ts';
import { SqliteIdentity } from './identity/sqlite/sqlite-identity.ts';
import type { LogLevel } from './logging/log-settings.ts';
import { openLogging } from './logging/logger.ts';
import { ProcessTelemetry } from './metrics/process-telemetry.ts';
import { embeddedRules } from './preflight/embedded-rules.ts';
import { enforce, startRules } from './preflight/enforce.ts';
import { preflightProcess } from './preflight/preflight-process.ts';
import { type ProcessorClient, startProcessors } from './processor/processor-client.ts';
import { measureProcessors } from './processor/processor-metrics.ts';
import { LogRetention } from './retention/log-retention.ts';
import { SettingsReload } from './settings-reload.ts';
import { loadGateway, settledGateway } from './settled-gateway.ts';
import { followDecisions } from './views/memory/decided-views.ts';
import { MemoryViews } from './views/memory/memory-views.ts';
import { measureRepairs, measureViews } from './views/views-metrics.ts';

/** How long after the first requests are taken the archive's thread begins. */
const archiverDelayMs = 500;

export interface EngineOptions {
  /** Data directory; made when missing. */
  readonly directory: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Hunts to publish. One that is published already changes nothing. */
  readonly hunts: readonly HuntDefinition[];
  /** What to publish when there are no hunts: neither these nor in the data directory. */
  readonly firstHunts?: () => Promise<readonly HuntDefinition[]>;
  /** Of a new data directory; an existing one has what it was made with, and refuses another. */
  readonly partitions?: number;
  /** Command ids each partition of a new directory remembers; a power of two. */
  readonly dedupeWindow?: number;
  readonly settings?: EngineSettings;
  /** What the settings were read from, to be read again when it changes. */
  readonly settingsFile?: SettingsFile;
  /** The pages to serve at `/`. */
  readonly web?: WebFiles;
  /** Least level of log lines while `logging.level` is auto; info unless told. */
  readonly logLevel?: LogLevel;
  /** Takes the log lines, each with its end, instead of standard error. */
  readonly logLines?: (line: string) => void;
  /** Of the program, as log lines and traces say it. */
  readonly release?: string;
  readonly clock?: Clock;
}

export interface Engine {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** File with a key of every scope, made with the data directory. */
  readonly organiserKeyFile: string;
  /**
   * Calls back when a partition has stopped for good, or the archive cannot be opened. After a coded
   * error all that does not need what failed goes on, and /healthz says why; any other is a fault of
   * this program, and the process should end. So it should where `isOver`: a cluster does not take the
   * node in.
   */
  onFailure(listener: (error: Error, isOver?: boolean) => void): void;
  /** Has log lines of level debug written, or no more; returns the level. Until `logging.level` changes. */
  toggleDebug(): LogLevel;
  /** Reads the file of settings again, and says in the log what came of it. Never throws. */
  reloadSettings(): void;
  /** Whether there is a hunt of this name; the gateway has to be here. */
  serves(hunt: string): boolean;
  /** A clean stop: takes no more requests, waits for outcomes on their way, makes everything durable. */
  close(): Promise<void>;
}

/**
 * Runs every role in this process: gateway, identity and views on this thread, processors (with the
 * timers) and archiver on threads of their own. Throws the coded error of whatever cannot start.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { directory } = options;
  const source = settingsSource(options.settings);
  const settings = settingValues(source);
  const clock = options.clock ?? systemClock;
  const logging = openLogging({
    level: options.logLevel ?? 'info',
    config: liveLogConfig(source),
    ...(options.release !== undefined && { release: options.release }),
    ...(options.logLines && { write: options.logLines }),
  });
  const { logger } = logging;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  refuseMarked(directory, readDirectoryMark(new NodeDisk(), directory));
  const { partitions, dedupeWindow } = options;
  const asked = { settings: source, directory, partitions, dedupeWindow };
  await enforce(preflightProcess(asked, startRules(embeddedRules)), logger);
  const tls = await openGatewayTls({ source, clock, logger });
  const traceConfig = liveTraceConfig(source);
  const isTraced = traceConfig.current.endpoint !== '';
  // Before, since decisions must be followed in the very turn in which the processors are ready.
  const tracingModule = isTraced ? await import('./tracing/tracing.ts') : undefined;
  const telemetry = new ProcessTelemetry(directory);
  const tracing =
    tracingModule &&
    new tracingModule.Tracing({
      ...{ config: traceConfig, logger, telemetry },
      ...(options.release !== undefined && { release: options.release }),
    });
  const starting = startProcessors(
    directory,
    {
      ...processorSettings(settings),
      ...(partitions === undefined ? {} : { partitions }),
      ...(dedupeWindow === undefined ? {} : { dedupeWindow }),
    },
    { isTraced },
  );
  // Meanwhile this thread loads. Of a first start theirs has begun; where there is a log, this one first reads
  // how many partitions it has, and theirs begins after that.
  const loading = loadGateway();
  const processors = await starting;
  if (tracing) processors.onSpans(tracing.addAll);
  const bus = new MemoryBus((error) => logger.error(error, 'a decision was not taken in'));
  const views = new MemoryViews(viewsSettings(settings));
  const failures = new FailureReport(processors, logger);
  const tracer = tracing?.decisions('views');
  let impair: (error: Error) => void = () => {};
  const repairs = followDecisions({
    ...{ clock, views, processors, bus, tracer },
    onRepair: ({ partition, error, pauseMs }) => {
      logger.error({ partition, error, pauseMs }, 'standings do not go with the log');
    },
    onRepaired: (partition) => logger.info({ partition }, 'standings go with the log again'),
    onGivenUp: (error) => {
      impair(error);
      failures.report(error, 'standings have stopped');
    },
  });
  processors.onDecided((partition, offset, record) => bus.publish(partition, offset, record));
  const closers: (() => Promise<void>)[] = [
    async () => logging.close(),
    async () => tracing?.close(),
    async () => telemetry.stop(),
    async () => repairs.close(),
    () => processors.close(),
  ];
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    const secret = openSecretFile(join(directory, 'secret'));
    const identity = new SqliteIdentity({ path: join(directory, 'identity.db') });
    closers.push(() => identity.close());
    const organiserKeyFile = await openOrganiserKeyFile(join(directory, 'organiser.key'), identity);
    const archiver = new ArchiverClient({
      directory,
      port: processors,
      batchMaxBytes: archiveBatchMaxBytes(settings),
      maxWaitingQueries: () => archiveQueriesMax(settingValues(source)),
      onStopped: (partition, error) => logger.error({ partition, error }, 'archiving stopped'),
      onSpans: tracing?.addAll,
    });
    closers.push(() => archiver.close());
    const retention = retentionSettings(settings);
    if (retention) {
      const logRetention = new LogRetention({
        ...{ archive: archiver, processors, clock, ...retention },
        onRetained: ({ failure, ...retained }) => {
          if (failure) logger.warn({ ...retained, failure }, 'log segments are kept');
          else if (retained.freedBytes > 0) logger.info(retained, 'log segments removed');
        },
        onFailed: (error) => logger.warn({ error }, 'log segments are kept'),
      });
      closers.push(() => logRetention.close());
    }
    const { createGateway } = await loading;
    const gateway = settledGateway(createGateway, {
      ...{ port: processors, bus, views, archive: archiver, identity },
      ...{ source, secret, tls, tracing, telemetry, clock, logger, web: options.web },
    });
    impair = gateway.impair;
    closers.push(() => gateway.close());
    measureProcessors(processors.boards, telemetry);
    measureArchive(archiver, processors.partitionCount, telemetry);
    measureViews(views, clock, telemetry);
    measureRepairs(repairs, telemetry);
    let stoppedPartitions = 0;
    processors.onStopped(() => {
      stoppedPartitions += 1;
    });
    telemetry.dependencies.watch('processors', () => stoppedPartitions === 0);
    telemetry.start();
    for (const hunt of await huntsToPublish(options, processors)) await gateway.publish(hunt);
    const url = await gateway.listen(options.host, options.port);
    closers.push(() => gateway.drain());
    // Whoever reads the address that is printed is answered.
    await gateway.untilReady();
    // A third thread would cost the first answers time and memory; it archives what was decided meanwhile.
    const cancelStart = clock.after(archiverDelayMs, () => {
      archiver.start().catch((error: Error) => {
        gateway.impair(error);
        failures.report(error, 'the archive cannot be opened');
      });
    });
    closers.push(async () => cancelStart());
    const reload = new SettingsReload({
      ...{ settings: options.settings, file: options.settingsFile, logger },
      registry: telemetry.registry,
    });
    const stopWatching = reload.watch(clock);
    closers.push(async () => stopWatching());
    return {
      url,
      organiserKeyFile,
      onFailure: (listener) => failures.listen(listener),
      toggleDebug: () => logging.toggleDebug(),
      reloadSettings: () => reload.reload(),
      serves: (hunt) => gateway.serves(hunt),
      close,
    };
  } catch (error) {
    await close();
    // Why a partition has stopped says more than that it has.
    throw failures.first ?? error;
  }
}

/** A first start may have failed before it published anything, so what counts is what is there. */
async function huntsToPublish(
  { hunts, firstHunts }: EngineOptions,
  processors: ProcessorClient,
): Promise<readonly HuntDefinition[]> {
  if (hunts.length > 0 || firstHunts === undefined) return hunts;
  return (await processors.hunts()).length > 0 ? hunts : firstHunts();
}

/** Logs what goes wrong in the processors and tells who asked. */
class FailureReport {
  readonly #logger: Logger;
  #failure: Error | undefined;
  readonly #listeners: ((error: Error) => void)[] = [];

  constructor(processors: ProcessorClient, logger: Logger) {
    for (const { partition, recovery } of processors.recovered) {
      logger.info({ partition, ...recovery }, 'partition recovered');
    }
    processors.onCheckpointDamage((partition, file, reason) => {
      logger.warn({ partition, file, reason }, 'damaged checkpoint passed over');
    });
    this.#logger = logger;
    processors.onFault(({ error: err, ...what }) => {
      logger.error({ ...what, err }, 'a fault of the program: something was not decided');
    });
    processors.onStopped((partition, error) =>
      this.report(error, `partition ${partition} stopped`),
    );
  }

  get first(): Error | undefined {
    return this.#failure;
  }

  report(error: Error, what: string): void {
    this.#logger.error({ error }, what);
    this.#failure ??= error;
    for (const listener of this.#listeners) listener(error);
  }

  listen(listener: (error: Error) => void): void {
    if (this.#failure) listener(this.#failure);
    this.#listeners.push(listener);
  }
}
