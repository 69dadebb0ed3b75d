import type { Logger } from 'pino';
import type { AssignmentBoard, Coordinator, HealthBoard } from 'veltrix/cluster';
import type { ProcessTelemetry } from '../metrics/process-telemetry.ts';
import { measureProcessors } from '../processor/processor-metrics.ts';
import type { ClusterCommandPort } from './cluster-command-port.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { InternalClient } from './internal-client.ts';
import type { InternalServer } from './internal-server.ts';
import { encryptionOf } from './node-tls.ts';
import type { OwnerClient } from './owner-client.ts';
import { type ProcessorRole, questionsMax } from './processor-role.ts';

/** A lag of more than this means that the end of the log is not known yet. */
const lagMax = 0xffff_ffff;

/** What the processors' thread of a node shows of itself and its partitions. */
export function measureOwner(processors: ProcessorRole, telemetry: ProcessTelemetry): void {
  measureProcessors([processors.processorBoard], telemetry);
  telemetry.queues.add('owner-questions', (emit) =>
    emit({ entries: processors.waitingQuestions, limitEntries: questionsMax }),
  );
}

/** What a node tells the leader of its partitions, for people. */
export function measureHealth(health: HealthBoard, { registry, lags }: ProcessTelemetry): void {
  const { partitionCount } = health;
  registry.value('hunt_node_all_partitions', () => partitionCount);
  registry.measure('hunt_node_partitions', ['part'], (emit) => {
    const counts = { owner: 0, standby: 0 };
    for (let partition = 0; partition < partitionCount; partition++) {
      const part = health.read(partition)?.part;
      if (part) counts[part] += 1;
    }
    emit(counts.owner, 'owner');
    emit(counts.standby, 'standby');
  });
  lags.add('processor', partitionCount, (partition) => {
    const seen = health.read(partition);
    if (seen?.part !== 'owner' || seen.lag >= lagMax) return undefined;
    return { records: seen.lag, seconds: seen.queueAgeMs / 1_000 };
  });
}

/** Who is to own partitions, as this node has read it: nothing until it has. */
export function measureAssignment(
  board: Pick<AssignmentBoard, 'document'>,
  ownNode: string,
  { registry }: ProcessTelemetry,
): void {
  registry.measure('hunt_node_assigned_partitions', ['node', 'place'], (emit) => {
    const { document } = board;
    if (document === undefined) return;
    const counts = new Map([[ownNode, 0]]);
    for (const { owner } of document) {
      if (owner !== '') counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const [node, count] of counts) emit(count, node, node === ownNode ? 'here' : 'elsewhere');
  });
  registry.value(
    'hunt_node_unassigned_partitions',
    () => board.document?.filter(({ owner }) => owner === '').length,
  );
}

/** Whether the gateway of a node can read the decisions of all partitions. */
export function measureFollowing(
  port: ClusterCommandPort,
  { registry, dependencies }: ProcessTelemetry,
): void {
  const interrupted = () => port.interruptedPartitions;
  registry.value('hunt_node_log_interrupted_partitions', interrupted);
  dependencies.watch('log', () => interrupted() === 0);
}

/** Tells whether the node is in touch with the coordination. */
export function watchSession(
  coordinator: Pick<Coordinator, 'onSession'>,
  logger: Logger,
): () => boolean {
  let isConnected = false;
  coordinator.onSession((state) => {
    isConnected = state === 'connected';
    logger.info({ state }, 'coordination');
  });
  return () => isConnected;
}

/** How others ask the node. */
export function measureConnections(
  server: Pick<InternalServer, 'connections'>,
  nodes: ClusterConfig['nodes'],
  { registry }: ProcessTelemetry,
): void {
  registry.measure('hunt_node_connections_total', ['encryption'], (emit) => {
    emit(server.connections.plain, 'plain');
    emit(server.connections.tls, 'tls');
  });
  const encryption = encryptionOf(nodes);
  registry.measure('hunt_node_encryption_state', ['mode'], (emit) => emit(1, encryption));
}

/** How the node asks others. */
export function measurePeers(
  { calls }: InternalClient,
  owners: OwnerClient,
  { registry, queues }: ProcessTelemetry,
): void {
  registry.value('hunt_peer_inflight_requests', () => calls.inflight);
  registry.value('hunt_peer_limit_requests', () => calls.limit);
  registry.value('hunt_peer_refused_requests_total', () => calls.refused);
  registry.value('hunt_peer_ejected_nodes', () => owners.ejectedNodes);
  registry.measure('hunt_peer_retries_requests_total', ['result'], (emit) => {
    emit(owners.retries.allowed, 'sent');
    emit(owners.retries.withheld, 'withheld');
  });
  registry.measure('hunt_peer_hedges_requests_total', ['result'], (emit) => {
    emit(owners.counts.hedged, 'sent');
    emit(owners.counts.hedgesAnswered, 'won');
    emit(owners.hedgesWithheld, 'withheld');
  });
  queues.add('peer-calls', (emit) => emit({ entries: calls.waiting }));
}
