import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SharedLog } from 'veltrix';
import { CassandraTraffic } from '../archive/cassandra/cassandra-traffic.ts';
import type { Engine } from '../engine.ts';
import {
  identityLimits,
  liveTraceConfig,
  peerSettings,
  processorSettings,
} from '../engine-settings.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { openSecretFile } from '../identity/secret-file.ts';
import { preflightStart } from '../preflight/preflight-cluster.ts';
import type { OwnerQuery } from './cluster-messages.ts';
import type { InternalClient } from './internal-client.ts';
import { type InternalHandler, InternalServer } from './internal-server.ts';
import { kafkaLogOptions, openClusterLog } from './kafka-access.ts';
import { joinCluster, mayLead, measureOwnHealth, openCoordination } from './node/coordination.ts';
import { startArchiver, startViews } from './node/followers.ts';
import { type GatewayParts, gatewayTls, makeGateway } from './node/gateway.ts';
import { type ClusterNodeOptions, NodeContext } from './node/node-context.ts';
import { openPeers } from './node/peers.ts';
import { startProcessors } from './node/processors.ts';
import { openStores, type Stores } from './node/stores.ts';
import { measureAssignment, measureConnections, measurePeers } from './node-measures.ts';
import { type ClusterIdentity, openClusterIdentity } from './open-cluster-identity.ts';
import { OwnerClient } from './owner-client.ts';
import { assertPlan, checkPlace } from './release-barrier.ts';
import { watchServerCertificates } from './watched-certificates.ts';

export type { ClusterNodeOptions } from './node/node-context.ts';

/** How long a node that is asked to stop waits for others to take its partitions. */
const drainTimeoutMs = 5_000;

/**
 * Runs the roles of one node of a cluster. Waits for Kafka, and says so; everything else may start
 * later. Rejects with the coded error of what waiting cannot mend. To close it is a clean stop: others take its
 * partitions, outcomes on their way are waited for.
 */
export async function startClusterNode(options: ClusterNodeOptions): Promise<Engine> {
  const node = new NodeContext(options);
  try {
    return await start(node);
  } catch (error) {
    await node.close();
    throw error;
  }
}

async function start(node: NodeContext): Promise<Engine> {
  const { config, clock, telemetry, waitsFor } = node;
  node.onClose(watchServerCertificates(config, { clock, logger: node.logger }));
  mkdirSync(config.secrets, { recursive: true, mode: 0o700 });
  const secret = openSecretFile(join(config.secrets, 'secret'));
  const organiserKeyFile = join(config.secrets, 'organiser.key');
  const place = await checkPlace(config, node.levels, waitsFor);
  node.follower?.begin(place?.settings);
  await preflightStart(config, node.source, node.logger);
  const tls = await gatewayTls(node);
  const settings = () => peerSettings(node.settings);
  const { client, lifelines, listening, encryption } = openPeers(node, secret.internalKey);
  const handlers: Record<string, InternalHandler> = {};
  const { identity, handler } = await openIdentity(node, client, organiserKeyFile);
  if (handler) handlers['identity'] = handler;
  const log = await openLog(node);
  telemetry.start();
  await openTracing(node);
  telemetry.registry.value('hunt_config_version', () => node.follower?.version ?? 0);
  node.onClose(() => telemetry.stop());
  // What an operator has to change is found before the node can be given anything.
  assertPlan(place, config.zookeeper, log.identity);
  const stores = await openStores(node, log);
  const coordination = openCoordination(node, log);
  const { board } = coordination;
  encryption.follow(board);
  measureAssignment(board, config.node, telemetry);
  if (node.has('coordinator')) {
    mayLead(node, log, coordination, lifelines);
  }
  let leave = async (): Promise<void> => {};
  node.onClose(() => leave());
  const processors = node.has('processor')
    ? startProcessors(node, log, board, (health) => {
        leave = joinCluster(node, log, health);
      })
    : undefined;
  if (processors) handlers['owner'] = (query) => processors.ask(query as OwnerQuery);
  const server = await InternalServer.listen({
    ...{ ...listening, address: config.address, handlers, key: secret.internalKey },
    metrics: () => telemetry.registry.text(),
    health: () => node.health,
    tracer: node.tracing?.peers,
  });
  node.onClose(() => server.close());
  measureConnections(server, config.nodes, telemetry);
  if (!processors) leave = joinCluster(node, log, measureOwnHealth(node, log));
  const local = processors && {
    node: config.node,
    ask: (query: OwnerQuery) => processors.ask(query),
  };
  const owners = new OwnerClient({ board, client, settings, clock, ...(local && { local }) });
  measurePeers(client, owners, telemetry);
  const { views, archive } = stores;
  if (archive) {
    const parts = { log, archive, board };
    if (views && node.has('views')) startViews(node, parts, views);
    if (node.has('archiver')) startArchiver(node, parts, owners);
  }
  const gateway = await openGateway(node, stores, { log, secret, identity, owners, tls });
  if (processors) node.onClose(() => processors.drain(drainTimeoutMs), true);
  return {
    url: gateway?.url ?? '',
    organiserKeyFile,
    onFailure: (listener) => node.onFailure(listener),
    toggleDebug: () => node.logging.toggleDebug(),
    reloadSettings: () => node.reload.reload(),
    serves: (hunt) => gateway?.serves(hunt) ?? false,
    close: () => node.close(),
  };
}

async function openIdentity(
  node: NodeContext,
  client: InternalClient,
  organiserKeyFile: string,
): Promise<ClusterIdentity> {
  const { config, clock, telemetry, waitsFor } = node;
  const traffic = new CassandraTraffic(() => identityLimits(node.settings));
  const opened = await openClusterIdentity({
    ...{ config, client, clock, traffic, organiserKeyFile, waitsFor },
    onFailure: (error) => node.fail(error, 'nobody can be known'),
  });
  node.onClose(opened.close);
  if (opened.isUp) telemetry.dependencies.watch('identity', opened.isUp);
  if ('keyspace' in config.identity) telemetry.cassandra.add('identity', traffic);
  return opened;
}

async function openLog(node: NodeContext): Promise<SharedLog> {
  const options = kafkaLogOptions(node.config, processorSettings(node.settings));
  const log = await openClusterLog(options, node.waitsFor, node.options.signal);
  node.onClose(() => new Promise<void>((resolve) => log.close(() => resolve())));
  return log;
}

/** Loaded where something is traced only. */
async function openTracing(node: NodeContext): Promise<void> {
  const config = liveTraceConfig(node.source);
  if (config.current.endpoint === '') return;
  const { Tracing } = await import('../tracing/tracing.ts');
  const { logger, telemetry } = node;
  const { release } = node.options;
  const tracing = new Tracing({ config, logger, telemetry, node: node.config.node, release });
  // Until every node of the cluster can read what is traced.
  tracing.isSampling = false;
  node.tracing = tracing;
  node.onClose(() => tracing.close());
}

/** Undefined where the node has none. */
async function openGateway(
  node: NodeContext,
  { views, archive }: Stores,
  parts: Omit<GatewayParts, 'views' | 'archive'>,
): Promise<(Pick<Gateway, 'serves'> & { readonly url: string }) | undefined> {
  if (!views || !archive || !node.has('gateway')) return undefined;
  const gateway: Gateway = await makeGateway(node, { ...parts, views, archive });
  const url = await gateway.listen(node.options.host, node.options.port);
  node.onClose(() => gateway.drain(), true);
  return { url, serves: gateway.serves };
}
