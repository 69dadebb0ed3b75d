import type { SharedLog } from 'veltrix';
import type { Archive } from '../../archive/archive.ts';
import { MemoryBus } from '../../bus/memory/memory-bus.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { type GatewayTls, openGatewayTls } from '../../gateway/gateway-tls.ts';
import type { Identity } from '../../identity/identity.ts';
import type { DeploymentSecret } from '../../identity/secret-file.ts';
import { loadGateway, settledGateway } from '../../settled-gateway.ts';
import type { Views } from '../../views/views.ts';
import { ClusterCommandPort } from '../cluster-command-port.ts';
import { measureFollowing } from '../node-measures.ts';
import type { OwnerClient } from '../owner-client.ts';
import { watchStopped } from './gateway-impairments.ts';
import type { NodeContext } from './node-context.ts';

/** Read before the node waits for anything; undefined where its gateway, if it has one, does not encrypt. */
export async function gatewayTls(node: NodeContext): Promise<GatewayTls | undefined> {
  const { source, clock, logger } = node;
  return node.has('gateway') ? openGatewayTls({ source, clock, logger }) : undefined;
}

export interface GatewayParts {
  readonly log: SharedLog;
  readonly secret: DeploymentSecret;
  readonly identity: Identity;
  readonly owners: OwnerClient;
  readonly views: Views;
  readonly archive: Archive;
  readonly tls: GatewayTls | undefined;
}

/** Makes the gateway, which does not listen yet, and publishes the node's hunts once decisions are followed. */
export async function makeGateway(node: NodeContext, parts: GatewayParts): Promise<Gateway> {
  const { hunts, web } = node.options;
  const { clock, logger, source, telemetry, tracing, waitsFor } = node;
  const { log, secret, identity, owners, views, archive, tls } = parts;
  const bus = new MemoryBus((error) => logger.error(error, 'a decision was not taken in'));
  const appending = tracing?.appending;
  const port = new ClusterCommandPort({ log, owners, bus, clock, waitsFor, appending });
  node.onClose(() => port.close());
  measureFollowing(port, telemetry);
  const impairedWithNode = watchStopped(node, port);
  const { createGateway } = await loadGateway();
  const gateway = settledGateway(createGateway, {
    ...{ port, bus, views, archive, identity },
    ...{ source, secret, tls, tracing, telemetry, clock, logger, web },
  });
  impairedWithNode(gateway);
  node.onClose(() => gateway.close(), true);
  port.followed
    .then(async () => {
      for (const hunt of hunts) await gateway.publish(hunt);
      logger.info('decisions are followed');
    })
    .catch((error: Error) => node.fail(error, 'the hunts cannot be published'));
  return gateway;
}
