import type { HuntDefinition } from '@hunt/rules';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Clock } from 'veltrix';
import type { Live } from 'veltrix/config';
import type { Archive } from '../archive/archive.ts';
import { archivedOutcome } from '../archive/archived-outcome.ts';
import type { DecidedSource } from '../bus/bus.ts';
import { engineErrors } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { PlayerTokens } from '../identity/player-token.ts';
import type { EngineRegistry } from '../metrics/engine-metrics.ts';
import { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import type { CommandPort } from '../processor/command-port.ts';
import type { RequestTracer } from '../tracing/request-tracer.ts';
import type { Views } from '../views/views.ts';
import { Access } from './access.ts';
import { Admission } from './admission.ts';
import { AnswerHashes } from './answer-hashes.ts';
import type { ApiRoute } from './api-route.ts';
import { createApp, registerRoutes, schemaCompiler } from './app.ts';
import { BrownoutWatch } from './brownout-watch.ts';
import { CommandBatcher } from './command-batcher.ts';
import { CommandIds } from './command-id.ts';
import { commandSchema, recordedCommandSchema, socketCommandSchema } from './command-request.ts';
import { CommandSubmitter } from './command-submitter.ts';
import { CommandTranslator } from './command-translator.ts';
import { ConnectionGate } from './connection-gate.ts';
import { DecisionFeed } from './decision-feed.ts';
import { DirectCommands } from './direct-commands.ts';
import { measureGateway } from './gateway-metrics.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { GatewayConfig } from './gateway-settings.ts';
import { GatewayState } from './gateway-state.ts';
import type { GatewayTls } from './gateway-tls.ts';
import { HuntDirectory } from './hunt-directory.ts';
import { measureHunts } from './hunt-metrics.ts';
import { HuntPublisher } from './hunt-publisher.ts';
import { JoinKeys } from './join-keys.ts';
import { measureKnee } from './knee-metrics.ts';
import { listenAddress } from './listen-address.ts';
import { LiveHub } from './live/live-hub.ts';
import { SocketEndpoint } from './live/socket-endpoint.ts';
import { PacedRefusals } from './paced-refusals.ts';
import { PassedDeadlines } from './passed-deadlines.ts';
import { PlayerJoins } from './player-joins.ts';
import { RateLimiter } from './rate-limiter.ts';
import { ReadGate } from './read-gate.ts';
import { stampArrivals } from './request-deadline.ts';
import { batchRoutes } from './routes/batch-routes.ts';
import { commandRoutes } from './routes/command-routes.ts';
import { huntRoutes } from './routes/hunt-routes.ts';
import { liveRoutes } from './routes/live-routes.ts';
import { servePages, type WebFiles } from './routes/page-routes.ts';
import { playerRoutes } from './routes/player-routes.ts';
import { serviceRoutes } from './routes/service-routes.ts';
import { standingsRoutes } from './routes/standings-routes.ts';
import { SchemaValidator } from './schema-validator.ts';
import { StandingsReader } from './standings-reader.ts';
import { TeamRegistrar } from './team-registrar.ts';

export interface GatewayOptions {
  readonly port: CommandPort;
  /** Brings the decisions. */
  readonly bus: DecidedSource;
  readonly views: Views;
  readonly archive: Pick<Archive, 'decision' | 'events'>;
  readonly identity: Identity;
  readonly tokens: PlayerTokens;
  readonly clock: Clock;
  /** What is not declared dynamic is read once. */
  readonly config: Live<GatewayConfig>;
  /** Of hunts with values of their own, by their names. */
  readonly configByHunt?: Live<{ readonly byHunt: ReadonlyMap<string, GatewayConfig> }>;
  /** Hides accepted answers in published hunts, and seeds command ids; 32 bytes. */
  readonly huntSecret: Uint8Array;
  /** The web pages; without them there are none. */
  readonly web?: WebFiles;
  readonly logger: FastifyBaseLogger;
  /** Traces requests; nobody does where there is none. */
  readonly tracer?: RequestTracer | undefined;
  /** HTTPS; HTTP where there is none. */
  readonly tls?: GatewayTls | undefined;
  /** Where other roles of the process add theirs. */
  readonly telemetry?: ProcessTelemetry;
}

/** The HTTP API, WebSockets and pages. */
export interface Gateway {
  readonly app: FastifyInstance;
  readonly metrics: EngineRegistry;
  /** Tells at /healthz that another role of the process has stopped for good. */
  impair(error: Error): void;
  /** Publishes a hunt to every partition; one that is published already changes nothing. */
  publish(definition: HuntDefinition): Promise<void>;
  /** Whether there is a hunt of this name. */
  serves(hunt: string): boolean;
  /**
   * Starts to listen (port 0: any free one) on one address of `host` and resolves with the URL. Requests are answered
   * `engine-not-ready` until the hunts have been read from the command port.
   */
  listen(host: string, port: number): Promise<string>;
  /** After `listen`: resolves once requests are taken. Rejects with why the hunts cannot be read. */
  untilReady(): Promise<void>;
  /** Takes nothing new and resolves once nothing is in flight, or after `gateway.waitMaxMs`. */
  drain(): Promise<void>;
  /**
   * Closes every connection: one that asks nothing at once, one whose request is under way when it is answered, and what
   * is left after `gateway.waitMaxMs`.
   */
  close(): Promise<void>;
}

/** Puts a gateway together; nothing listens yet. */
export function createGateway(options: GatewayOptions): Gateway {
  const { config, clock, port, logger, tls, telemetry = new ProcessTelemetry() } = options;
  const metrics = telemetry.registry;
  const parts = gatewayParts(options, metrics);
  const { state, batcher, brownout, live, refusals, readRefusals } = parts;
  const countError = measureGateway(parts, telemetry);
  measureKnee(parts, telemetry);
  measureHunts(parts, telemetry);
  port.onStopped((partition, error) => state.impair(error, partition));
  const app = createApp(config.current, logger, countError, tls);
  options.tracer?.attach(app);
  stampArrivals(app);
  const validators = new Validators(app);
  let document: Promise<string> | undefined;
  const routes: ApiRoute[] = [
    ...commandRoutes(parts),
    ...batchRoutes(parts, () => validators.recorded),
    ...huntRoutes(parts),
    ...playerRoutes(parts),
    ...standingsRoutes(parts),
    ...liveRoutes(parts),
    ...serviceRoutes(parts, () => {
      document ??= describe(routes);
      return document;
    }),
  ];
  registerRoutes(app, routes);
  if (options.web !== undefined) servePages(app, options.web);
  new DirectCommands({
    parts,
    app,
    validator: () => validators.single,
    logger,
    onError: countError,
  });
  new SocketEndpoint(parts, () => validators.keyed).attach(app.server);
  const gate = new ConnectionGate(app.server, {
    limit: config.current.connectionsMax,
    refusalOf: tls?.refusalOf,
  });

  let ready = Promise.resolve();

  async function start(): Promise<void> {
    await parts.directory.load(port);
    if (state.phase === 'starting') state.phase = 'ready';
  }

  return {
    app,
    metrics,
    impair: (error) => state.impair(error),
    publish: (definition) => parts.publisher.publish(definition),
    serves: (hunt) => parts.directory.has(hunt),
    async listen(host, listenPort) {
      const url = await app.listen({ host: await listenAddress(host), port: listenPort });
      brownout.start();
      ready = start();
      ready.catch((error: unknown) => logger.error(error, 'the hunts cannot be read'));
      return url;
    },
    untilReady: () => ready,
    async drain() {
      state.phase = 'draining';
      for (const one of [refusals, readRefusals]) one.close();
      live.closeAll(engineErrors.create('engine-draining'));
      const until = clock.now() + config.current.waitMaxMs;
      while (batcher.inflightCommands + batcher.pendingCommands > 0 && clock.now() < until) {
        await new Promise<void>((resolve) => clock.after(drainPollMs, resolve));
      }
    },
    async close() {
      state.phase = 'draining';
      for (const one of [refusals, readRefusals]) one.close();
      live.closeAll(engineErrors.create('engine-draining'));
      batcher.close();
      brownout.stop();
      const left = await gate.end(() => app.close(), config.current.waitMaxMs, clock);
      if (left > 0) logger.warn({ connections: left }, 'connections that did not end are cut');
    },
  };
}

/** Loaded when somebody reads it: a start waits for nothing that no player needs. */
async function describe(routes: readonly ApiRoute[]): Promise<string> {
  const { openApiDocument } = await import('./openapi.ts');
  return JSON.stringify(openApiDocument(routes));
}

/** A read that waits to be refused may keep a command from its connection. */
const readRefusalWaitMs = 250;
const drainPollMs = 10;

/** Compiled when first needed, which is after the server is ready. */
class Validators {
  readonly #app: FastifyInstance;
  #single: SchemaValidator | undefined;
  #keyed: SchemaValidator | undefined;
  #recorded: SchemaValidator | undefined;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  get single(): SchemaValidator {
    this.#single ??= new SchemaValidator(schemaCompiler(this.#app), commandSchema, 'The body');
    return this.#single;
  }

  get keyed(): SchemaValidator {
    this.#keyed ??= new SchemaValidator(schemaCompiler(this.#app), socketCommandSchema);
    return this.#keyed;
  }

  get recorded(): SchemaValidator {
    this.#recorded ??= new SchemaValidator(schemaCompiler(this.#app), recordedCommandSchema);
    return this.#recorded;
  }
}

function gatewayParts(options: GatewayOptions, metrics: EngineRegistry): GatewayParts {
  const { config, clock, port, views, archive, identity, tokens, huntSecret, logger } = options;
  const atStart = config.current;
  const { partitionCount } = port;
  const feed = new DecisionFeed(options.bus);
  const directory = new HuntDirectory();
  const batcher = new CommandBatcher({
    port,
    feed,
    clock,
    config,
    onListenerError: (error) => logger.error(error, 'an outcome could not be delivered'),
    askForLastWord: (commandId) => archivedOutcome(archive, commandId),
  });
  const admission = new Admission(atStart.admissionTargetMs, partitionCount);
  const brownout = new BrownoutWatch({
    ...{ clock, config, now: () => performance.now() },
    seen: () => ({
      // Leaving out reads mends no partition that stands apart, or still.
      refused: batcher.counts.shed - batcher.counts.shedApart,
      decided: batcher.counts.decided,
      oldestMs: batcher.inflightAgeMsOfMoving((partition) => !admission.isApart(partition)),
    }),
    onLevel: (level, pressure) => logger.warn({ level, pressure }, 'the brown-out level changes'),
  });
  const standings = new StandingsReader(views, identity, {
    now: () => clock.now(),
    freshMs: () => brownout.freshMs,
  });
  const live = new LiveHub({
    clock,
    directory,
    standings,
    partitionCount,
    config,
    pushFactor: () => brownout.pushFactor,
    onError: (error) => logger.error(error, 'standings could not be pushed'),
  });
  feed.add({ event: (event) => directory.event(event) });
  feed.add(live);
  const answers = new AnswerHashes(huntSecret, atStart.answerCacheMax);
  const { playerRatePerSecond, playerBurst, joinRatePerSecond, joinBurst } = atStart;
  const playerRates = new RateLimiter(playerRatePerSecond, playerBurst, atStart.rateBucketsMax);
  const joinRates = new RateLimiter(joinRatePerSecond, joinBurst, atStart.rateBucketsMax);
  config.onChange(() => {
    const now = config.current;
    admission.targetMs = now.admissionTargetMs;
    playerRates.change(now.playerRatePerSecond, now.playerBurst);
    joinRates.change(now.joinRatePerSecond, now.joinBurst);
  });
  const { teamCacheMax } = atStart;
  const paced = (mostMs: number) =>
    new PacedRefusals(clock, {
      get perSecond() {
        return config.current.refusalsPerSecond;
      },
      get waitMaxMs() {
        return Math.min(mostMs, config.current.refusalWaitMaxMs);
      },
      waitingMax: atStart.connectionsMax,
    });
  const [refusals, readRefusals] = [paced(Number.POSITIVE_INFINITY), paced(readRefusalWaitMs)];
  const deadlines = new PassedDeadlines();
  const registrar = new TeamRegistrar(batcher, identity, clock, partitionCount, teamCacheMax);
  return {
    config,
    clock,
    port,
    views,
    archive,
    identity,
    tokens,
    access: new Access(tokens, identity),
    state: new GatewayState(),
    directory,
    admission,
    refusals,
    readRefusals,
    brownout,
    deadlines,
    reads: new ReadGate({ config, brownout, refusals: readRefusals, deadlines }),
    batcher,
    submitter: new CommandSubmitter(
      batcher,
      new CommandIds(huntSecret),
      new CommandTranslator(answers),
      partitionCount,
    ),
    registrar,
    joins: new PlayerJoins(identity, registrar, new JoinKeys(huntSecret)),
    playerRates,
    ratesOf: (slug) => {
      const own = options.configByHunt?.current.byHunt.get(slug);
      return own && { ratePerSecond: own.playerRatePerSecond, burst: own.playerBurst };
    },
    joinRates,
    metrics,
    standings,
    live,
    tracer: options.tracer,
    publisher: new HuntPublisher(batcher, clock, partitionCount, huntSecret),
  };
}
