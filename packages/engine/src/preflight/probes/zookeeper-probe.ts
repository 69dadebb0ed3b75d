import { surveyZooKeeper } from 'veltrix/zookeeper';
import type { ClusterConfig } from '../../cluster/cluster-config.ts';
import { releaseLevels } from '../../cluster/release-barrier.ts';
import type { Facts } from '../facts.ts';
import { ask } from './ask.ts';

/** The place of the cluster, in a session of its own. */
export async function zooKeeperFacts(
  { zookeeper }: Pick<ClusterConfig, 'zookeeper'>,
  timeoutMs: number,
): Promise<Required<Pick<Facts, 'zookeeper'>>> {
  const fact = await ask(timeoutMs, async () => {
    const survey = await surveyZooKeeper({
      ...zookeeper,
      timings: { answerTimeoutMs: timeoutMs },
    });
    const { content, grantedSessionMs, members } = survey;
    const { plan, level } = content;
    return {
      place: `${zookeeper.connect}${zookeeper.prefix}`,
      ...{ grantedSessionMs, plan, level, known: releaseLevels, members },
    };
  });
  return { zookeeper: fact };
}
