import type { Clock } from 'veltrix';
import type { Live } from 'veltrix/config';
import type { Archive } from '../archive/archive.ts';
import type { Identity } from '../identity/identity.ts';
import type { PlayerTokens } from '../identity/player-token.ts';
import type { EngineRegistry } from '../metrics/engine-metrics.ts';
import type { CommandPort } from '../processor/command-port.ts';
import type { RequestTracer } from '../tracing/request-tracer.ts';
import type { Views } from '../views/views.ts';
import type { Access } from './access.ts';
import type { Admission } from './admission.ts';
import type { BrownoutWatch } from './brownout-watch.ts';
import type { CommandBatcher } from './command-batcher.ts';
import type { CommandSubmitter } from './command-submitter.ts';
import type { GatewayConfig } from './gateway-settings.ts';
import type { GatewayState } from './gateway-state.ts';
import type { HuntDirectory } from './hunt-directory.ts';
import type { HuntPublisher } from './hunt-publisher.ts';
import type { LiveHub } from './live/live-hub.ts';
import type { PacedRefusals } from './paced-refusals.ts';
import type { PassedDeadlines } from './passed-deadlines.ts';
import type { PlayerJoins } from './player-joins.ts';
import type { RateLimiter, RateLimits } from './rate-limiter.ts';
import type { ReadGate } from './read-gate.ts';
import type { StandingsReader } from './standings-reader.ts';
import type { TeamRegistrar } from './team-registrar.ts';

/** What the routes of a gateway are made of. */
export interface GatewayParts {
  readonly config: Live<GatewayConfig>;
  readonly clock: Clock;
  readonly port: CommandPort;
  readonly views: Views;
  readonly archive: Pick<Archive, 'decision' | 'events'>;
  readonly identity: Identity;
  readonly tokens: PlayerTokens;
  readonly access: Access;
  readonly state: GatewayState;
  readonly directory: HuntDirectory;
  readonly admission: Admission;
  readonly refusals: PacedRefusals;
  readonly readRefusals: PacedRefusals;
  readonly brownout: BrownoutWatch;
  readonly deadlines: PassedDeadlines;
  readonly reads: ReadGate;
  readonly batcher: CommandBatcher;
  readonly submitter: CommandSubmitter;
  readonly registrar: TeamRegistrar;
  readonly joins: PlayerJoins;
  readonly playerRates: RateLimiter;
  /** Of the players of a hunt, where it has its own. */
  readonly ratesOf: (slug: string) => RateLimits | undefined;
  readonly joinRates: RateLimiter;
  readonly metrics: EngineRegistry;
  readonly standings: StandingsReader;
  readonly live: LiveHub;
  readonly publisher: HuntPublisher;
  /** Undefined where nothing is traced. */
  readonly tracer: RequestTracer | undefined;
}
