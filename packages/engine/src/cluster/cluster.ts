import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HuntDefinition } from '@hunt/rules';
import type { Logger } from 'pino';
import { type Clock, CodedError, type SharedLog, systemClock } from 'veltrix';
import {
  AssignmentBoard,
  type ConfigSource,
  CoordinatorRole,
  Health,
  type HealthBoard,
  type LevelRange,
  type Lifelines,
} from 'veltrix/cluster';
import type { SettingsFollower } from 'veltrix/config';
import { type openZooKeeperCoordinator, openZooKeeperMeeting } from 'veltrix/zookeeper';
import type { Archive, SharedArchive } from '../archive/archive.ts';
import { openCassandraArchive } from '../archive/cassandra/open-cassandra-archive.ts';
import { MemoryBus } from '../bus/memory/memory-bus.ts';
import { connectionsAllowed } from '../descriptor-limit.ts';
import type { Engine } from '../engine.ts';
import {
  archiveSettings,
  cassandraSettings,
  type EngineSettings,
  liveGatewayConfig,
  liveGatewayConfigByHunt,
  liveLogConfig,
  liveTraceConfig,
  peerSettings,
  processorSettings,
  retentionSettings,
  type SettingsSource,
  type SettingValues,
  settingsSource,
  settingValues,
  viewsReadsMax,
  viewsSettings,
} from '../engine-settings.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Identity } from '../identity/identity.ts';
import { PlayerTokens } from '../identity/player-token.ts';
import { type DeploymentSecret, openSecretFile } from '../identity/secret-file.ts';
import type { LogLevel } from '../logging/log-settings.ts';
import { type Logging, openLogging } from '../logging/logger.ts';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { preflightStart } from '../preflight/preflight-cluster.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { RedisViews } from '../views/redis/redis-views.ts';
import type { Views } from '../views/views.ts';
import { measureReads, measureViews } from '../views/views-metrics.ts';
import { ArchiverRole } from './archiver-role.ts';
import { ClusterCommandPort } from './cluster-command-port.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { OwnerQuery } from './cluster-messages.ts';
import type { ClusterRole } from './cluster-roles.ts';
import { InternalClient } from './internal-client.ts';
import { type InternalHandler, InternalServer, type NodeHealth } from './internal-server.ts';
import { kafkaLogOptions, openClusterLog } from './kafka-access.ts';
import { join as joinCluster } from './membership.ts';
import { NodeLifelines } from './node-lifelines.ts';
import {
  measureFollowing,
  measureHealth,
  measureOwner,
  measurePeers,
  watchSession,
} from './node-measures.ts';
import { nodeSettingsFollower } from './node-settings.ts';
import { cassandraPlace, openClusterIdentity } from './open-cluster-identity.ts';
import { OwnerClient } from './owner-client.ts';
import { ProcessorRole } from './processor-role.ts';
import {
  assertPlan,
  checkPlace,
  releaseLevels,
  tracesLevel,
  watchLevel,
} from './release-barrier.ts';
import { scaledRoles } from './scaled-roles.ts';
import { SharedRetention } from './shared-retention.ts';
import { startViewsRole } from './views-role.ts';

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
  readonly webRoot?: URL;
  readonly logLevel?: LogLevel;
  readonly clock?: Clock;
  /** Ends the wait for servers. */
  readonly signal?: AbortSignal;
}

/** How long a node that is asked to stop waits for others to take its partitions. */
const drainTimeoutMs = 5_000;
const sayAgainMs = 30_000;
const reasonsMax = 256;
const accusations: readonly string[] = ['veltrix-node-not-responsive', 'veltrix-partition-stuck'];

/** What the roles of this node need, undefined where none does. */
interface Stores {
  readonly views: Views | undefined;
  readonly archive: SharedArchive | undefined;
}

/**
 * Runs the roles of one node of a cluster. Waits for Kafka, and says so; everything else may start
 * later. Rejects with the coded error of what waiting cannot mend.
 */
export async function startClusterNode(options: ClusterNodeOptions): Promise<Engine> {
  const node = new ClusterNode(options);
  try {
    return await node.start();
  } catch (error) {
    await node.close();
    throw error;
  }
}

class ClusterNode {
  readonly #options: ClusterNodeOptions;
  readonly #logging: Logging;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #source: SettingsSource;
  readonly #follower: SettingsFollower | undefined;
  readonly #telemetry = new ProcessTelemetry();
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #failureListeners: ((error: Error, isOver: boolean) => void)[] = [];
  #failure: { readonly error: Error; readonly isOver: boolean } | undefined;
  #tracing: Tracing | undefined;
  #leave = async (): Promise<void> => {};
  #isMember = false;
  /** What was waited for, and when that was last said. */
  readonly #said = new Map<string, number>();

  constructor(options: ClusterNodeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#source = settingsSource(options.settings);
    this.#logging = openLogging({
      level: options.logLevel ?? 'info',
      config: liveLogConfig(this.#source),
      ...{ node: options.config.node, release: options.release },
    });
    const { logger } = this.#logging;
    this.#logger = logger;
    this.#closers.push(() => this.#logging.close());
    this.#follower = nodeSettingsFollower(options.settings, options.config, logger, this.#waitsFor);
  }

  get #settings(): SettingValues {
    return settingValues(this.#source);
  }

  get #levels(): LevelRange {
    return this.#options.levels ?? releaseLevels;
  }

  #has(role: ClusterRole): boolean {
    return this.#options.config.roles.includes(role);
  }

  /** Once in half a minute for each reason, however often it is tried. */
  readonly #waitsFor = (error: Error): void => {
    const now = performance.now();
    if (now - (this.#said.get(error.message) ?? -sayAgainMs) < sayAgainMs) return;
    if (this.#said.size >= reasonsMax) this.#said.clear();
    this.#said.set(error.message, now);
    this.#logger.warn({ error }, 'waiting');
  };

  /** What the leader has found: a node that is dead, a partition that is stuck, or what keeps it from looking. */
  readonly #accuse = (error: Error): void => {
    const { id, retry } = error as CodedError;
    if (!accusations.includes(id)) return this.#waitsFor(error);
    this.#logger.error({ retry, error }, 'a node is in trouble');
  };

  readonly #fail = (error: Error, what: string, isOver = false): void => {
    this.#logger.error({ error }, what);
    if (isOver || !this.#failure) this.#failure = { error, isOver };
    for (const listener of this.#failureListeners) listener(error, isOver);
  };

  async start(): Promise<Engine> {
    const { config, signal } = this.#options;
    mkdirSync(config.secrets, { recursive: true, mode: 0o700 });
    const secret = openSecretFile(join(config.secrets, 'secret'));
    const organiserKeyFile = join(config.secrets, 'organiser.key');
    const place = await checkPlace(config, this.#levels, this.#waitsFor);
    this.#follower?.begin(place?.settings);
    await preflightStart(config, this.#source, this.#logger);
    const settings = () => peerSettings(this.#settings);
    const client = new InternalClient(secret.internalKey, { clock: this.#clock, settings });
    this.#closers.push(() => client.close());
    const handlers: Record<string, InternalHandler> = {};
    const identity = await openClusterIdentity({
      ...{ config, client, clock: this.#clock, organiserKeyFile, waitsFor: this.#waitsFor },
      onFailure: (error) => this.#fail(error, 'nobody can be known'),
    });
    this.#closers.push(() => identity.close());
    if (identity.handler) handlers['identity'] = identity.handler;
    if (identity.isUp) this.#telemetry.dependencies.watch('identity', identity.isUp);
    const processor = processorSettings(this.#settings);
    const log = await openClusterLog(kafkaLogOptions(config, processor), this.#waitsFor, signal);
    this.#closers.push(() => new Promise<void>((resolve) => log.close(() => resolve())));
    this.#telemetry.start();
    await this.#openTracing();
    this.#telemetry.registry.value('hunt_config_version', () => this.#follower?.version ?? 0);
    this.#closers.push(() => this.#telemetry.stop());
    // What an operator has to change is found before the node can be given anything.
    assertPlan(place, config.zookeeper, log.identity);
    const stores = await this.#openStores(log);
    const { coordinator, wishes, board } = this.#openCoordinator(log);
    if (this.#has('coordinator')) {
      this.#lead(log, coordinator, wishes, new NodeLifelines(secret.internalKey));
    }
    this.#closers.push(() => this.#leave());
    const processors = this.#has('processor') ? this.#startProcessors(board, log) : undefined;
    if (processors) handlers['owner'] = (query) => processors.ask(query as OwnerQuery);
    const { address } = config;
    const metrics = () => this.#telemetry.registry.text();
    const key = secret.internalKey;
    const health = () => this.#health();
    const server = await InternalServer.listen({ address, handlers, key, metrics, health });
    this.#closers.push(() => server.close());
    if (!processors) this.#joinWithoutPartitions(log);
    const local = processors && {
      node: config.node,
      ask: (query: OwnerQuery) => processors.ask(query),
    };
    const owners = new OwnerClient({
      ...{ board, client, settings, clock: this.#clock, ...(local && { local }) },
    });
    measurePeers(client, owners, this.#telemetry);
    const gateway = await this.#startRoles(log, secret, {
      ...{ identity: identity.identity, owners, board, ...stores },
    });
    const url = gateway ? await gateway.listen(this.#options.host, this.#options.port) : '';
    if (gateway) this.#closers.push(() => gateway.drain());
    if (processors) this.#closers.push(() => processors.drain(drainTimeoutMs));
    return {
      url,
      organiserKeyFile,
      onFailure: (listener) => {
        if (this.#failure) listener(this.#failure.error, this.#failure.isOver);
        this.#failureListeners.push(listener);
      },
      toggleDebug: () => this.#logging.toggleDebug(),
      close: () => this.close(),
    };
  }

  /** Loaded where something is traced only. */
  async #openTracing(): Promise<void> {
    const config = liveTraceConfig(this.#source);
    if (config.current.endpoint === '') return;
    const { Tracing } = await import('../tracing/tracing.ts');
    const { node } = this.#options.config;
    const { release } = this.#options;
    const tracing = new Tracing({
      ...{ config, logger: this.#logger, telemetry: this.#telemetry, node, release },
    });
    // Until every node of the cluster can read what is traced.
    tracing.isSampling = false;
    this.#tracing = tracing;
    this.#closers.push(() => tracing.close());
  }

  #openCoordinator(log: SharedLog) {
    const { zookeeper, node } = this.#options.config;
    const meeting = openZooKeeperMeeting({ ...zookeeper, plan: log.identity });
    const { coordinator, config: wishes } = meeting;
    this.#closers.push(() => new Promise<void>((resolve) => coordinator.close(resolve)));
    const isConnected = watchSession(coordinator, this.#logger);
    this.#telemetry.dependencies.watch('coordination', isConnected);
    const unsupported = (error: Error) =>
      this.#fail(error, 'the release does not fit the cluster', true);
    watchLevel(wishes, this.#levels, unsupported, this.#waitsFor, (level) => {
      if (this.#tracing) this.#tracing.isSampling = level >= tracesLevel;
    });
    if (this.#follower) this.#closers.push(this.#follower.follow(wishes));
    return { coordinator, wishes, board: new AssignmentBoard(coordinator, node, this.#waitsFor) };
  }

  #lead(
    log: SharedLog,
    coordinator: ReturnType<typeof openZooKeeperCoordinator>,
    config: ConfigSource,
    lifelines: Lifelines,
  ): void {
    const { node: nodeId, address } = this.#options.config;
    const { partitionCount } = log.identity;
    const role = new CoordinatorRole({
      ...{ coordinator, config, clock: this.#clock, nodeId, address, lifelines, partitionCount },
      ownerRole: 'processor',
      sharedRoles: ['views', 'archiver'],
      changed: (changes) => this.#logger.info({ changes }, 'the assignment changes'),
      scaled: scaledRoles(partitionCount),
      raised: (level) => this.#logger.info({ level }, 'the level of the cluster is raised'),
      problem: this.#accuse,
    });
    role.start();
    this.#closers.push(() => role.stop());
  }

  #startProcessors(board: AssignmentBoard, log: SharedLog): ProcessorRole {
    const { config } = this.#options;
    const processors = new ProcessorRole({
      ...{ config, settings: processorSettings(this.#settings), board, clock: this.#clock },
      partitionCount: log.identity.partitionCount,
      onReady: (health) => {
        measureHealth(health, this.#telemetry);
        this.#join(log, health);
      },
      onOwning: (partition, epoch) => this.#logger.info({ partition, epoch }, 'owning'),
      onReleased: (partition) => this.#logger.info({ partition }, 'owning no more'),
      onStopped: (partition, error) => {
        this.#logger.warn({ partition, error }, 'partition let go of');
        // Written by a newer release: trying again would not help, and a newer node can have it.
        const isUnknown = error instanceof CodedError && error.id === 'veltrix-event-unknown';
        if (isUnknown) this.#fail(error, 'the release does not fit the log', true);
      },
      onSpans: this.#tracing?.addAll,
      onFailure: (error) => this.#fail(error, 'the processors have stopped'),
    });
    this.#closers.push(() => processors.close());
    measureOwner(processors, this.#telemetry);
    return processors;
  }

  #joinWithoutPartitions(log: SharedLog): void {
    const health = new Health(log.identity.partitionCount);
    health.start();
    this.#closers.push(() => health.stop());
    this.#join(log, health.board);
  }

  #join(log: SharedLog, board: HealthBoard): void {
    const { config, release } = this.#options;
    const { node: nodeId, address, roles } = config;
    this.#leave = joinCluster({
      ...{ config, release, board, plan: log.identity, levels: this.#levels },
      onJoined: () => {
        this.#isMember = true;
        this.#logger.info({ nodeId, address, roles }, 'joined');
      },
      onFailure: (error) => this.#fail(error, 'the node is no member of the cluster', true),
    });
  }

  async #openStores(log: SharedLog): Promise<Stores> {
    const views =
      this.#has('gateway') || this.#has('views') ? await this.#openViews(log) : undefined;
    const archive = views || this.#has('archiver') ? await this.#openArchive(log) : undefined;
    return { views, archive };
  }

  async #startRoles(
    log: SharedLog,
    secret: DeploymentSecret,
    parts: Stores & {
      readonly identity: Identity;
      readonly owners: OwnerClient;
      readonly board: AssignmentBoard;
    },
  ): Promise<Gateway | undefined> {
    const { node } = this.#options.config;
    const { views, archive, owners, board } = parts;
    if (views && archive && this.#has('views')) {
      this.#closers.push(
        startViewsRole({
          ...{ log, archive, views, board, node, clock: this.#clock },
          tracer: this.#tracing?.decisions('views'),
          onBegun: (partition) => this.#logger.info({ partition }, 'brings standings'),
          onEnded: (partition, error) =>
            this.#fail(error, `views of partition ${partition} stopped`),
        }),
      );
    }
    if (archive && this.#has('archiver')) {
      this.#startRetention(log, archive, owners);
      const archiver = new ArchiverRole({
        ...{ log, archive, board, node, clock: this.#clock, addSpan: this.#tracing?.add },
        onBegun: (partition) => this.#logger.info({ partition }, 'archives'),
        batchMaxBytes: archiveSettings(this.#settings).batchMaxBytes,
        onStopped: (partition, error) =>
          this.#fail(error, `archiving of partition ${partition} stopped`),
      });
      this.#closers.push(() => archiver.close());
      archiver.measure(this.#telemetry);
    }
    if (!views || !archive || !this.#has('gateway')) return undefined;
    return this.#startGateway(log, secret, { ...parts, views, archive });
  }

  #startRetention(log: SharedLog, archive: SharedArchive, owners: OwnerClient): void {
    const source = this.#source;
    const retention = new SharedRetention({
      ...{ archive, owners, clock: this.#clock },
      get keepBytes() {
        return retentionSettings(settingValues(source))?.keepBytes ?? Number.POSITIVE_INFINITY;
      },
      get intervalMs() {
        return Number(source.values['log.retainIntervalMs']);
      },
      partitionCount: log.identity.partitionCount,
      onRetained: (partition, eventsFrom) =>
        this.#logger.info({ partition, eventsFrom }, 'the log was cut'),
      onProblem: this.#waitsFor,
    });
    this.#closers.push(() => retention.close());
  }

  async #openViews(log: SharedLog): Promise<Views> {
    const { config } = this.#options;
    const { addresses, cluster, prefix, username, password, tls } = config.redis;
    const views = await RedisViews.open({
      servers: {
        ...{ addresses, cluster },
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(tls && { tls }),
      },
      identity: log.identity,
      keyPrefix: prefix,
      updatesMaxBytes: viewsSettings(this.#settings).updatesMaxBytes,
      readsMax: () => viewsReadsMax(this.#settings),
      onInterrupted: (error) => {
        if (error) this.#waitsFor(error);
        else this.#logger.info('the views can be reached');
      },
      onFailure: (error) => this.#fail(error, 'the views have stopped'),
    });
    this.#closers.push(() => views.close());
    measureViews(views, this.#clock, this.#telemetry);
    measureReads(views, this.#telemetry);
    this.#telemetry.queues.add('views-updates', (emit) =>
      emit({
        bytes: views.waitingBytes,
        limitBytes: viewsSettings(this.#settings).updatesMaxBytes,
      }),
    );
    return views;
  }

  async #openArchive(log: SharedLog): Promise<SharedArchive> {
    const { config } = this.#options;
    const archive = await openCassandraArchive({
      ...{ ...cassandraPlace(config.cassandra), keyspace: config.cassandra.keyspace },
      ...cassandraSettings(this.#settings),
      onProblem: this.#waitsFor,
      logId: log.identity.logId,
    });
    this.#closers.push(() => archive.close());
    this.#telemetry.dependencies.watch('archive', () => archive.isUp);
    return archive;
  }

  async #startGateway(
    log: SharedLog,
    secret: DeploymentSecret,
    parts: {
      readonly identity: Identity;
      readonly owners: OwnerClient;
      readonly views: Views;
      readonly archive: Archive;
    },
  ): Promise<Gateway> {
    const { hunts, webRoot } = this.#options;
    const clock = this.#clock;
    const { identity, owners, views, archive } = parts;
    const bus = new MemoryBus((error) => this.#logger.error(error, 'a decision was not taken in'));
    const waitsFor = this.#waitsFor;
    const appending = this.#tracing?.appending;
    const port = new ClusterCommandPort({ log, owners, bus, clock, waitsFor, appending });
    this.#closers.push(() => port.close());
    measureFollowing(port, this.#telemetry);
    port.onStopped((partition, error) =>
      this.#fail(error, `partition ${partition} is not followed`),
    );
    const { connectionsMax, told } = connectionsAllowed({
      wanted: Number(this.#source.values['gateway.connectionsMax']),
      isAsked: this.#source.isSet('gateway.connectionsMax'),
      partitionCount: port.partitionCount,
    });
    if (told) this.#logger.info(told, 'the limit of open files allows fewer connections');
    const { createGateway } = await import('../gateway/gateway.ts');
    const gateway = createGateway({
      ...{ port, bus, views, archive, identity, clock },
      tokens: new PlayerTokens({ key: secret.tokenKey, clock }),
      config: liveGatewayConfig(this.#source, connectionsMax),
      configByHunt: liveGatewayConfigByHunt(this.#source),
      huntSecret: secret.answerKey,
      logger: this.#logger,
      telemetry: this.#telemetry,
      tracer: this.#tracing?.requests,
      ...(webRoot ? { webRoot } : {}),
    });
    this.#closers.push(() => gateway.close());
    port.followed
      .then(async () => {
        for (const hunt of hunts) await gateway.publish(hunt);
        this.#logger.info('decisions are followed');
      })
      .catch((error: Error) => this.#fail(error, 'the hunts cannot be published'));
    return gateway;
  }

  #health(): NodeHealth {
    const error = this.#failure?.error;
    const impairments = error ? [error instanceof CodedError ? error.id : 'engine-internal'] : [];
    return { isReady: this.#isMember, impairments };
  }

  /** A clean stop: others take its partitions, outcomes on their way are waited for. */
  async close(): Promise<void> {
    this.#isMember = false;
    for (const step of this.#closers.splice(0).reverse()) await step();
  }
}
