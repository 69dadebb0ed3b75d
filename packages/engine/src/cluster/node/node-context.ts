import type { HuntDefinition } from '@hunt/rules';
import type { Logger } from 'pino';
import { type Clock, CodedError, systemClock } from 'veltrix';
import type { LevelRange } from 'veltrix/cluster';
import type { SettingsFile, SettingsFollower } from 'veltrix/config';
import {
  type EngineSettings,
  liveLogConfig,
  type SettingsSource,
  type SettingValues,
  settingsSource,
  settingValues,
} from '../../engine-settings.ts';
import type { WebFiles } from '../../gateway/routes/page-routes.ts';
import type { LogLevel } from '../../logging/log-settings.ts';
import { type Logging, openLogging } from '../../logging/logger.ts';
import { ProcessTelemetry } from '../../metrics/process-telemetry.ts';
import { SettingsReload } from '../../settings-reload.ts';
import type { Tracing } from '../../tracing/tracing.ts';
import type { ClusterConfig } from '../cluster-config.ts';
import type { ClusterRole } from '../cluster-roles.ts';
import type { NodeHealth } from '../internal-server.ts';
import { nodeSettingsFollower } from '../node-settings.ts';
import { releaseLevels } from '../release-barrier.ts';
import { ClosingSteps } from './closing-steps.ts';

export interface ClusterNodeOptions {
  readonly config: ClusterConfig;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Hunts to publish once there are owners. One that is published already changes nothing. */
  readonly hunts: readonly HuntDefinition[];
  readonly release: string;
  /** What it can work at; what this release knows unless told. */
  readonly levels?: LevelRange;
  readonly settings?: EngineSettings;
  /** What the settings were read from, to be read again when somebody says so. */
  readonly settingsFile?: SettingsFile;
  readonly web?: WebFiles;
  readonly logLevel?: LogLevel;
  /** Takes the log lines, each with its end, instead of standard error. */
  readonly logLines?: (line: string) => void;
  readonly clock?: Clock;
  /** Ends the wait for servers. */
  readonly signal?: AbortSignal;
}

const sayAgainMs = 30_000;
const reasonsMax = 256;
/** For all that is closed once partitions are handed over and outcomes told. */
const closeMaxMs = 5_000;

/** Whoever is told that something of the node has failed; `isOver` when it cannot go on. */
type FailureListener = (error: Error, isOver: boolean) => void;

/** What all roles of one node have in common: its file, settings, logs, metrics, and how it fails and ends. */
export class NodeContext {
  readonly options: ClusterNodeOptions;
  readonly config: ClusterConfig;
  readonly levels: LevelRange;
  readonly clock: Clock;
  readonly logging: Logging;
  readonly logger: Logger;
  readonly source: SettingsSource;
  readonly follower: SettingsFollower | undefined;
  readonly reload: SettingsReload;
  readonly telemetry = new ProcessTelemetry();
  /** Where something is traced. */
  tracing: Tracing | undefined;
  isMember = false;
  readonly #closing = new ClosingSteps();
  readonly #failureListeners: FailureListener[] = [];
  #failure: { readonly error: Error; readonly isOver: boolean } | undefined;
  /** What was waited for, and when that was last said. */
  readonly #said = new Map<string, number>();

  constructor(options: ClusterNodeOptions) {
    this.options = options;
    this.config = options.config;
    this.levels = options.levels ?? releaseLevels;
    this.clock = options.clock ?? systemClock;
    this.source = settingsSource(options.settings);
    this.logging = openLogging({
      level: options.logLevel ?? 'info',
      config: liveLogConfig(this.source),
      ...{ node: options.config.node, release: options.release },
      ...(options.logLines && { write: options.logLines }),
    });
    this.logger = this.logging.logger;
    this.onClose(() => this.logging.close());
    const { settings, config } = options;
    this.follower = nodeSettingsFollower(settings, config, this.logger, this.waitsFor);
    this.reload = new SettingsReload({
      ...{ settings, file: options.settingsFile, logger: this.logger },
      registry: this.telemetry.registry,
      // What the cluster says may have contradicted what the file said.
      onTaken: () => this.follower?.retry(),
    });
  }

  get settings(): SettingValues {
    return settingValues(this.source);
  }

  has(role: ClusterRole): boolean {
    return this.config.roles.includes(role);
  }

  /** Once in half a minute for each reason, however often it is tried. */
  readonly waitsFor = (error: Error): void => {
    const now = performance.now();
    if (now - (this.#said.get(error.message) ?? -sayAgainMs) < sayAgainMs) return;
    if (this.#said.size >= reasonsMax) this.#said.clear();
    this.#said.set(error.message, now);
    this.logger.warn({ error }, 'waiting');
  };

  readonly fail = (error: Error, what: string, isOver = false): void => {
    this.logger.error({ error }, what);
    if (isOver || !this.#failure) this.#failure = { error, isOver };
    for (const listener of this.#failureListeners) listener(error, isOver);
  };

  /** Also of what has failed already. */
  onFailure(listener: FailureListener): void {
    if (this.#failure) listener(this.#failure.error, this.#failure.isOver);
    this.#failureListeners.push(listener);
  }

  get health(): NodeHealth {
    const error = this.#failure?.error;
    const impairments = error ? [error instanceof CodedError ? error.id : 'engine-internal'] : [];
    return { isReady: this.isMember, impairments };
  }

  /** Steps are taken in the opposite order. @param isBounded it ends within a time of its own */
  onClose(step: () => void | Promise<void>, isBounded = false): void {
    this.#closing.add(step, isBounded);
  }

  async close(): Promise<void> {
    this.isMember = false;
    const unfinished = await this.#closing.take(closeMaxMs);
    if (unfinished > 0) this.logger.warn({ unfinished }, 'stopped without an answer of servers');
  }
}
