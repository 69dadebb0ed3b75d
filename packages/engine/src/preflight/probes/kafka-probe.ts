import { type KafkaLogOptions, KafkaSurvey, type SurveyedTopic } from 'veltrix/kafka';
import type { BrokersFacts, Facts, TopicFacts } from '../facts.ts';
import { ask } from './ask.ts';

/** Brokers, topics and the log in them; each may fail by itself. */
export async function kafkaFacts(
  options: KafkaLogOptions,
  timeoutMs: number,
): Promise<Pick<Facts, 'brokers' | 'topics' | 'log'>> {
  // Half of the time is left to find out why nobody answers.
  const survey = new KafkaSurvey({ ...options, requestTimeoutMs: Math.ceil(timeoutMs / 2) });
  try {
    const [brokers, topics, log] = await Promise.all([
      ask(timeoutMs, () => brokersOf(survey)),
      ask(timeoutMs, async () => (await survey.topics()).map(topicOf)),
      ask(timeoutMs, () => survey.log()),
    ]);
    return { brokers, topics, log };
  } finally {
    survey.close();
  }
}

async function brokersOf(survey: KafkaSurvey): Promise<BrokersFacts> {
  const { messageMaxBytes, appendTimeoutMs } = survey;
  const brokers = [...(await survey.brokers())].map(([node, settings]) => {
    return { name: `broker ${node}`, settings };
  });
  return { brokers, messageMaxBytes, appendTimeoutMs };
}

function topicOf({ plan, places, settings }: SurveyedTopic): TopicFacts {
  const { name, cleanup, partitions, replication, advice = {} } = plan;
  const wanted = { partitions, replication, settings: plan.settings, advice };
  return { name, cleanup, places, settings, wanted };
}
