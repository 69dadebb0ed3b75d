import { flushCompileCache } from 'node:module';
import type { Logger } from 'pino';
import { connectionsAllowed } from './descriptor-limit.ts';
import {
  liveGatewayConfig,
  liveGatewayConfigByHunt,
  type SettingsSource,
} from './engine-settings.ts';
import type { createGateway, Gateway, GatewayOptions } from './gateway/gateway.ts';
import type { WebFiles } from './gateway/routes/page-routes.ts';
import { PlayerTokens } from './identity/player-token.ts';
import type { DeploymentSecret } from './identity/secret-file.ts';
import type { Tracing } from './tracing/tracing.ts';

type Settled = 'tokens' | 'config' | 'configByHunt' | 'huntSecret' | 'tracer' | 'web';

export interface SettledGatewayOptions extends Omit<GatewayOptions, Settled> {
  readonly source: SettingsSource;
  readonly secret: DeploymentSecret;
  readonly logger: Logger;
  readonly tracing: Tracing | undefined;
  readonly web: WebFiles | undefined;
}

/**
 * Loads the gateway. Node keeps all that it reads of its cache of compiled code until it has written what is new:
 * 2 MB by here and 2 MB with the gateway, which what comes next can have.
 */
export async function loadGateway(): Promise<{ readonly createGateway: typeof createGateway }> {
  flushCompileCache();
  const module = await import('./gateway/gateway.ts');
  flushCompileCache();
  return module;
}

/**
 * A gateway as the settings, the secret of the deployment and the machine's limits say, whatever it stands on.
 *
 * @param create of `loadGateway`, which its callers call when nothing more urgent is to be done
 */
export function settledGateway(
  create: typeof createGateway,
  { source, secret, tracing, web, ...parts }: SettledGatewayOptions,
): Gateway {
  const { port, clock, logger } = parts;
  const { connectionsMax, told } = connectionsAllowed({
    wanted: Number(source.values['gateway.connectionsMax']),
    isAsked: source.isSet('gateway.connectionsMax'),
    partitionCount: port.partitionCount,
  });
  if (told) logger.info(told, 'the limit of open files allows fewer connections');
  return create({
    ...parts,
    tokens: new PlayerTokens({ key: secret.tokenKey, clock }),
    config: liveGatewayConfig(source, connectionsMax),
    configByHunt: liveGatewayConfigByHunt(source),
    huntSecret: secret.answerKey,
    tracer: tracing?.requests,
    ...(web && { web }),
  });
}
