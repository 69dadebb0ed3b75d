import type { SharedLog } from 'veltrix';
import type { SharedArchive } from '../../archive/archive.ts';
import { CassandraTraffic } from '../../archive/cassandra/cassandra-traffic.ts';
import { openCassandraArchive } from '../../archive/cassandra/open-cassandra-archive.ts';
import {
  archiveLimits,
  archiveRequestTimeoutMs,
  viewsReadsMax,
  viewsSettings,
  viewsUpdatesInflightMax,
} from '../../engine-settings.ts';
import { AskLaterError } from '../../views/partition-repairs.ts';
import { RedisViews } from '../../views/redis/redis-views.ts';
import type { Views } from '../../views/views.ts';
import { measureRedis, measureRepairs, measureViews } from '../../views/views-metrics.ts';
import { cassandraPlace } from '../open-cluster-identity.ts';
import { checkWholeLog } from '../whole-log.ts';
import type { NodeContext } from './node-context.ts';

/** What the roles of a node read and write beside the log; undefined where none does. */
export interface Stores {
  readonly views: Views | undefined;
  readonly archive: SharedArchive | undefined;
}

/** Opens those that the node's roles need. */
export async function openStores(node: NodeContext, log: SharedLog): Promise<Stores> {
  let archive: SharedArchive | undefined;
  const checkLog = async () => {
    if (archive === undefined) throw new AskLaterError('the archive is not open yet');
    await checkWholeLog(log, archive);
  };
  const needsViews = node.has('gateway') || node.has('views');
  const views = needsViews ? await openViews(node, log, checkLog) : undefined;
  archive = views || node.has('archiver') ? await openArchive(node, log) : undefined;
  return { views, archive };
}

async function openViews(
  node: NodeContext,
  log: SharedLog,
  checkLog: () => Promise<void>,
): Promise<Views> {
  const { telemetry, logger } = node;
  const { addresses, cluster, prefix, username, password, tls } = node.config.redis;
  const { updatesMaxBytes } = viewsSettings(node.settings);
  const views = await RedisViews.open({
    servers: {
      ...{ addresses, cluster },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls && { tls }),
    },
    identity: log.identity,
    keyPrefix: prefix,
    updatesMaxBytes,
    readsMax: () => viewsReadsMax(node.settings),
    updatesInflightMax: () => viewsUpdatesInflightMax(node.settings),
    onInterrupted: (error) => {
      if (error) node.waitsFor(error);
      else logger.info('the views can be reached');
    },
    checkLog,
    onRepair: ({ partition, error, pauseMs }) => {
      logger.error({ partition, error, pauseMs }, 'standings do not go with the log');
    },
    onRepaired: (partition) => logger.info({ partition }, 'standings go with the log again'),
    onFailure: (error) => node.fail(error, 'the views have stopped'),
  });
  node.onClose(() => views.close());
  measureViews(views, node.clock, telemetry);
  measureRedis(views, telemetry);
  measureRepairs(views.repairs, telemetry);
  telemetry.lags.add('views', log.identity.partitionCount, (partition) => views.lag(partition));
  telemetry.queues.add('views-updates', (emit) =>
    emit({ bytes: views.waitingBytes, limitBytes: updatesMaxBytes }),
  );
  return views;
}

async function openArchive(node: NodeContext, log: SharedLog): Promise<SharedArchive> {
  const { cassandra } = node.config;
  const traffic = new CassandraTraffic(() => archiveLimits(node.settings));
  node.telemetry.cassandra.add('archive', traffic);
  const archive = await openCassandraArchive({
    ...{ ...cassandraPlace(cassandra), keyspace: cassandra.keyspace, traffic },
    requestTimeoutMs: archiveRequestTimeoutMs(node.settings),
    onProblem: node.waitsFor,
    logId: log.identity.logId,
  });
  node.onClose(() => archive.close());
  node.telemetry.dependencies.watch('archive', () => archive.isUp);
  return archive;
}
