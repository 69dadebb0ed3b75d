import { bytesText, isSet, numberOf, setting } from '../amount.ts';
import type { TopicFacts } from '../facts.ts';
import { type Compared, type Disagreement, defineRule, type Rule } from '../rule.ts';

const settingMismatch = 'veltrix-kafka-topic-setting';

/** What the topics of the log and of the checkpoints have to be. */
export const topicRules: readonly Rule[] = [
  wantedSetting('max.message.bytes', {
    id: 'preflight-topic-message-size',
    title: 'Topics take the largest record that the log may have',
    why: 'Kafka refuses a record that the engine has let in: the partition stops at it.',
    remedy: 'Raise max.message.bytes of the topic, or lower log.recordMaxBytes.',
    settings: ['log.recordMaxBytes'],
  }),
  wantedSetting('min.insync.replicas', {
    id: 'preflight-topic-min-insync',
    title: 'Topics ask for as many copies of a record as the cluster file says',
    why: 'A record counts as acknowledged when fewer brokers have it than was meant: it is lost with them.',
    remedy: 'Set min.insync.replicas of the topic to kafka.minInSync.',
  }),
  wantedSetting('unclean.leader.election.enable', {
    id: 'preflight-topic-unclean-leader',
    title: 'A broker that lacks records never leads a partition',
    why: 'When the brokers that have everything are gone, one that lacks acknowledged records takes over, and these are lost for ever.',
    remedy: 'Set unclean.leader.election.enable=false on the topic.',
  }),
  wantedSetting('compression.type', {
    id: 'preflight-topic-compression',
    title: 'Brokers keep batches as they were sent',
    why: 'Brokers that compress anew change batches that the engine reads as bytes, and spend their processors on it.',
    remedy: 'Set compression.type=producer on the topic.',
  }),
  defineRule({
    id: 'preflight-topic-cleanup',
    title: 'The log is never compacted, and never deleted by the brokers',
    severity: 'refuses',
    needs: ['topics'],
    why: 'Compaction removes commands and events that have the key of a later one: no replay comes to the same state again.',
    remedy: 'Set cleanup.policy=delete on the topic, with retention.ms=-1.',
    atStart: 'veltrix-kafka-compacted',
    *check({ topics }) {
      yield* cleanupOf(topics, 'delete');
    },
  }),
  defineRule({
    id: 'preflight-checkpoints-cleanup',
    title: 'Checkpoints are compacted',
    severity: 'refuses',
    needs: ['topics'],
    why: 'Brokers would delete the parts of checkpoints that are still needed: an owner cannot take its partition over.',
    remedy: 'Set cleanup.policy=compact on the topic.',
    atStart: settingMismatch,
    *check({ topics }) {
      yield* cleanupOf(topics, 'compact');
    },
  }),
  defineRule({
    id: 'preflight-topic-retention',
    title: 'Brokers let go of nothing by themselves',
    severity: 'refuses',
    needs: ['topics'],
    why: 'Brokers delete records by age or size, whether or not the archive has them and a checkpoint covers them.',
    remedy:
      'Set retention.ms=-1 and retention.bytes=-1 on the topic; log.retainBytes lets go of what is archived.',
    settings: ['log.retainBytes'],
    atStart: 'veltrix-kafka-retention',
    *check({ topics }) {
      for (const topic of present(topics)) {
        if (topic.cleanup !== 'delete') continue;
        for (const name of ['retention.ms', 'retention.bytes']) {
          const found = topic.settings[name];
          if (found === undefined || found === '-1') continue;
          yield {
            values: [ofTopic(topic, name), wants(`records to be kept until they are archived`)],
            change: `Set ${name}=-1 on the topic ${topic.name}.`,
          };
        }
      }
    },
  }),
  defineRule({
    id: 'preflight-topic-partitions',
    title: 'Topics have as many partitions as the deployment',
    severity: 'refuses',
    needs: ['topics'],
    why: 'Teams and treasures are at partitions by their names: with another number they are looked for where they are not.',
    remedy: 'Give the number of partitions that the log was made with, or another kafka.prefix.',
    settings: ['partitions'],
    atStart: 'veltrix-kafka-partition-count',
    *check({ topics }) {
      for (const topic of present(topics)) {
        const { places, wanted, name } = topic;
        if (places.length === wanted.partitions) continue;
        yield {
          values: [
            { what: `partitions of ${name}`, value: `${places.length}`, source: 'Kafka' },
            wants(`${wanted.partitions}`, 'partitions', 'the cluster file'),
          ],
          change: `Set partitions to ${places.length} if this is the log of the cluster; otherwise choose another kafka.prefix.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-topic-replication',
    title: 'Topics have as many copies as the cluster file says',
    severity: 'refuses',
    needs: ['topics'],
    why: 'With fewer copies than was meant, fewer lost brokers lose acknowledged commands.',
    remedy: 'Reassign the partitions of the topic with more replicas, or lower kafka.replication.',
    atStart: 'veltrix-kafka-under-replicated',
    *check({ topics }) {
      for (const topic of present(topics)) {
        const found = Math.min(...topic.places.map(({ replicas }) => replicas));
        const { replication } = topic.wanted;
        if (!(found < replication)) continue;
        yield {
          values: [
            { what: `replicas of ${topic.name}`, value: `${found}`, source: 'Kafka' },
            wants(`${replication}`, 'kafka.replication', 'the cluster file'),
          ],
          change: `Reassign the partitions of ${topic.name} with ${replication} replicas, or set kafka.replication to ${found}.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-topic-timestamps',
    title: 'Brokers stamp the records of the log',
    severity: 'warns',
    needs: ['topics'],
    why: 'Tools that look records up by time find nothing: the engine leaves the stamp to the brokers.',
    remedy: 'Set message.timestamp.type=LogAppendTime on the topic.',
    *check({ topics }) {
      const name = 'message.timestamp.type';
      for (const topic of present(topics)) {
        const [found, advised] = [topic.settings[name], topic.wanted.advice[name]];
        if (found === undefined || advised === undefined || found === advised) continue;
        yield {
          values: [ofTopic(topic, name), wants(`${advised}`)],
          change: `Set ${name}=${advised} on the topic ${topic.name}.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-topic-segments',
    title: 'What the log may keep is more than a segment of the brokers',
    severity: 'warns',
    needs: ['settings', 'topics'],
    why: 'Brokers free whole segments only: the disk stays fuller than what was asked for.',
    remedy: 'Lower segment.bytes of the topic, or raise log.retainBytes.',
    settings: ['log.retainBytes'],
    *check({ settings, topics }) {
      const retain = 'log.retainBytes';
      const kept = numberOf(settings, retain);
      if (!isSet(settings, retain) || kept === 0) return;
      for (const topic of present(topics)) {
        const segment = Number(topic.settings['segment.bytes']);
        if (topic.cleanup !== 'delete' || !(segment > kept)) continue;
        yield {
          values: [
            { ...ofTopic(topic, 'segment.bytes'), value: bytesText(segment) },
            setting(settings, retain),
          ],
          change: `Set segment.bytes=${kept} on the topic ${topic.name}, or raise ${retain}.`,
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-topic-insync-now',
    title: 'Every partition has the copies that an acknowledgement needs',
    severity: 'warns',
    needs: ['topics'],
    why: 'Brokers refuse records for these partitions now: their players wait, and after a while are answered 202.',
    remedy: 'Bring back the brokers that are missing.',
    *check({ topics }) {
      for (const topic of present(topics)) {
        const least = Number(topic.settings['min.insync.replicas']);
        const short = topic.places.filter(({ inSync }) => inSync < least);
        const [first] = short;
        if (first === undefined) continue;
        yield {
          values: [
            {
              what: `copies in sync of ${topic.name}`,
              value: `${first.inSync} in ${short.length} of ${topic.places.length} partitions`,
              source: 'Kafka',
            },
            ofTopic(topic, 'min.insync.replicas'),
          ],
          change: 'Bring the missing brokers back, or wait until they have caught up.',
        };
      }
    },
  }),
  defineRule({
    id: 'preflight-topic-leaders',
    title: 'Every partition has a leader',
    severity: 'warns',
    needs: ['topics'],
    why: 'Nothing can be written to these partitions or read from them.',
    remedy: 'Bring back the brokers that have them.',
    *check({ topics }) {
      for (const topic of present(topics)) {
        const without = topic.places.filter(({ leader }) => leader < 0).length;
        if (without === 0) continue;
        yield {
          values: [
            {
              what: `partitions of ${topic.name} without a leader`,
              value: `${without}`,
              source: 'Kafka',
            },
            wants('a leader for each'),
          ],
          change: 'Bring the missing brokers back.',
        };
      }
    },
  }),
];

/** One that is not there yet is made as it has to be. */
function present(topics: readonly TopicFacts[]): readonly TopicFacts[] {
  return topics.filter(({ places }) => places.length > 0);
}

function ofTopic({ name, settings }: TopicFacts, key: string): Compared {
  return { what: `${key} of ${name}`, value: settings[key] ?? 'not told', source: 'Kafka' };
}

function wants(value: string, what = 'the log needs', source = 'the engine'): Compared {
  return { what, value, source };
}

function* cleanupOf(
  topics: readonly TopicFacts[],
  wanted: TopicFacts['cleanup'],
): Generator<Disagreement> {
  const name = 'cleanup.policy';
  for (const topic of present(topics)) {
    const found = topic.settings[name];
    if (topic.cleanup !== wanted || found === undefined || found === wanted) continue;
    yield {
      values: [ofTopic(topic, name), wants(wanted)],
      change: `Set ${name}=${wanted} on the topic ${topic.name}.`,
    };
  }
}

/** A setting of which the engine says what it has to be: a number at least, a text exactly. */
function wantedSetting(
  name: string,
  words: Pick<Rule, 'id' | 'title' | 'why' | 'remedy' | 'settings'>,
): Rule {
  return defineRule({
    ...words,
    severity: 'refuses',
    needs: ['topics'],
    atStart: settingMismatch,
    *check({ topics }) {
      for (const topic of present(topics)) {
        const [found, wanted] = [topic.settings[name], topic.wanted.settings[name]];
        if (found === undefined || wanted === undefined) continue;
        const isNumber = typeof wanted === 'number';
        if (isNumber ? Number(found) >= wanted : found === wanted) continue;
        yield {
          values: [ofTopic(topic, name), wants(`${wanted}${isNumber ? ' at least' : ''}`)],
          change: `Set ${name}=${wanted} on the topic ${topic.name}.`,
        };
      }
    },
  });
}
