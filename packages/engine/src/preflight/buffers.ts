import { numberOf } from './amount.ts';
import type { DeploymentFacts, SettingFacts } from './facts.ts';

/** Memory that a limit allows to be taken. */
interface Buffer {
  readonly what: string;
  /** Settings that bound it. */
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Of one outcome, one team of the standings, one bucket of a rate, one remembered hash. */
const outcomeBytes = 32;
const teamBytes = 66;
const rateBucketBytes = 100;
const hashBytes = 100;
/** In the queue of views there may be twice the limit before the log is refused. */
const updatesFactor = 2;

/** Everything that grows with the crowd, at its limit; the largest first. Roles that a process lacks still count: they may be given to it. */
export function largestBuffers(
  settings: SettingFacts,
  { partitions, kind }: DeploymentFacts,
): readonly Buffer[] {
  const of = (name: string) => numberOf(settings, name);
  const inCluster = kind === 'cluster' ? 1 : 0;
  const buffers: Buffer[] = [
    {
      what: 'live connections',
      names: ['gateway.liveConnectionsMax', 'gateway.liveBacklogMaxBytes'],
      bytes: of('gateway.liveConnectionsMax') * of('gateway.liveBacklogMaxBytes'),
    },
    {
      what: 'the log in flight',
      names: ['log.inflightMaxBytes'],
      bytes: of('log.inflightMaxBytes') * partitions,
    },
    {
      what: 'commands in flight',
      names: ['gateway.inflightMaxBytes'],
      bytes: of('gateway.inflightMaxBytes'),
    },
    { what: 'standings', names: ['views.maxTeams'], bytes: of('views.maxTeams') * teamBytes },
    {
      what: 'updates of the views',
      names: ['views.updatesMaxBytes'],
      bytes: inCluster * of('views.updatesMaxBytes') * updatesFactor,
    },
    {
      what: 'the archive in flight',
      names: ['archive.inflightMaxBytes'],
      bytes: inCluster * of('archive.inflightMaxBytes'),
    },
    {
      what: 'recent outcomes',
      names: ['gateway.recentOutcomes'],
      bytes: of('gateway.recentOutcomes') * outcomeBytes,
    },
    {
      what: 'rates',
      names: ['gateway.rateBucketsMax'],
      bytes: of('gateway.rateBucketsMax') * rateBucketBytes,
    },
    {
      what: 'hashes of answers',
      names: ['gateway.answerCacheMax'],
      bytes: of('gateway.answerCacheMax') * hashBytes,
    },
  ];
  return buffers.sort((one, other) => other.bytes - one.bytes);
}
