import { bytesText, fileKey, setting } from '../amount.ts';
import type { BrokerFacts, BrokersFacts, SettingFacts } from '../facts.ts';
import { type Figure, figureRule, settingFigure } from '../figure.ts';
import { type Compared, defineRule, type Rule } from '../rule.ts';

/** What the brokers, and what is asked of them, have to be to each other. */
export const brokerRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-broker-count',
    title: 'There are as many brokers as copies that are asked for',
    severity: 'refuses',
    needs: ['cluster', 'brokers'],
    why: 'Topics cannot be made with more copies than there are brokers: the nodes wait for ever.',
    remedy: 'Start more brokers, or lower kafka.replication.',
    atStart: 'veltrix-kafka-under-replicated',
    *check({ cluster: { kafka }, brokers: { brokers } }) {
      if (!(kafka.replication > brokers.length)) return;
      yield {
        values: [fileKey('kafka.replication', kafka.replication), count(brokers)],
        change: `Start ${kafka.replication - brokers.length} more, or set kafka.replication to ${brokers.length}.`,
      };
    },
  }),
  figureRule({
    id: 'preflight-broker-request-size',
    title: 'Brokers read the largest request that the engine sends',
    severity: 'refuses',
    needs: ['settings', 'brokers'],
    why: 'A broker hangs up on a request that is larger than it reads, again and again: the partition never gets its record written.',
    remedy: 'Raise socket.request.max.bytes of the brokers, or lower log.recordMaxBytes.',
    settings: ['log.recordMaxBytes'],
    must: 'at least',
    pairs: ({ settings, brokers }) =>
      brokers.brokers.map((broker) => [
        ofBroker(broker, 'socket.request.max.bytes'),
        record(settings, brokers),
      ]),
    change: (_, { amount }) => `Set socket.request.max.bytes=${amount * 2} on the brokers.`,
  }),
  figureRule({
    id: 'preflight-broker-fetch-size',
    title: 'Brokers answer with as much as the largest record at once',
    severity: 'warns',
    needs: ['settings', 'brokers'],
    why: 'Each answer brings one batch of one partition: after an outage the nodes catch up a record at a time.',
    remedy: 'Raise fetch.max.bytes of the brokers, or lower log.recordMaxBytes.',
    settings: ['log.recordMaxBytes'],
    must: 'at least',
    pairs: ({ settings, brokers }) =>
      brokers.brokers.map((broker) => [
        ofBroker(broker, 'fetch.max.bytes'),
        record(settings, brokers),
      ]),
    change: (_, { amount }) => `Set fetch.max.bytes=${amount * 2} on the brokers.`,
  }),
  figureRule({
    id: 'preflight-broker-replica-lag',
    title: 'Brokers give a copy up before the engine gives an append up',
    severity: 'warns',
    needs: ['brokers'],
    why: 'While a broker hangs, acknowledgements wait for it; the engine gives up first, lets go of its partitions, and every other owner meets the same.',
    remedy: 'Lower replica.lag.time.max.ms of the brokers to 30 s at most.',
    must: 'at most',
    pairs: ({ brokers: { brokers, appendTimeoutMs: amount } }) => {
      const wait = { what: 'wait for an append', value: `${amount}`, source: 'the engine', amount };
      return brokers.map((broker) => [ofBroker(broker, 'replica.lag.time.max.ms'), wait]);
    },
    change: (_, { amount }) => `Set replica.lag.time.max.ms=${amount / 2} on the brokers.`,
  }),
  figureRule({
    id: 'preflight-broker-replaced',
    title: 'Requests wait for longer than it takes to replace a dead broker',
    severity: 'warns',
    needs: ['settings', 'brokers'],
    why: 'When a broker dies that led the controllers, too, they vote, wait until its session is over, and followers of its partitions may pause before they read from another: until then nothing is acknowledged, and requests are answered 202, joins not at all.',
    remedy:
      'Lower broker.session.timeout.ms, controller.quorum.fetch.timeout.ms, controller.quorum.election.timeout.ms and replica.fetch.backoff.ms of brokers and controllers, or raise gateway.waitMaxMs.',
    settings: ['gateway.waitMaxMs'],
    must: 'at most',
    pairs: ({ settings, brokers: { brokers } }) =>
      brokers.length < 2
        ? []
        : brokers.map((broker) => [
            replacing(broker),
            settingFigure(settings, 'gateway.waitMaxMs'),
          ]),
    change: () =>
      'Set broker.session.timeout.ms=3000, broker.heartbeat.interval.ms=500, controller.quorum.fetch.timeout.ms=1000, controller.quorum.election.timeout.ms=500 and replica.fetch.backoff.ms=100 on brokers and controllers.',
  }),
  defineRule({
    id: 'preflight-acks-slack',
    title: 'A broker may be missing',
    severity: 'warns',
    needs: ['cluster'],
    why: 'Every copy has to have a record: while one broker restarts, nothing is accepted.',
    remedy: 'Set kafka.minInSync to one less than kafka.replication.',
    *check({ cluster: { kafka } }) {
      if (kafka.replication < 2 || kafka.minInSync < kafka.replication) return;
      yield {
        values: [
          fileKey('kafka.minInSync', kafka.minInSync),
          fileKey('kafka.replication', kafka.replication),
        ],
        change: `Set kafka.minInSync to ${kafka.replication - 1}, or raise kafka.replication.`,
      };
    },
  }),
  defineRule({
    id: 'preflight-acks-one-copy',
    title: 'What is acknowledged is on more than one broker',
    severity: 'warns',
    needs: ['cluster'],
    why: 'There are copies, but one alone may acknowledge a command: it is lost with that broker.',
    remedy: 'Set kafka.minInSync to 2 or more, with kafka.replication above it.',
    *check({ cluster: { kafka } }) {
      if (kafka.replication < 2 || kafka.minInSync > 1) return;
      yield {
        values: [
          fileKey('kafka.minInSync', kafka.minInSync),
          fileKey('kafka.replication', kafka.replication),
        ],
        change:
          'Set kafka.minInSync to 2, and kafka.replication to 3 where there are three brokers.',
      };
    },
  }),
  defineRule({
    id: 'preflight-copies-brokers',
    title: 'Where there are several brokers, the log is on more than one',
    severity: 'warns',
    needs: ['cluster', 'brokers'],
    why: 'One broker that is lost takes partitions of the log with it, although others could have had them, too.',
    remedy: 'Raise kafka.replication before the topics are made.',
    *check({ cluster: { kafka }, brokers: { brokers } }) {
      if (kafka.replication > 1 || brokers.length < 2) return;
      yield {
        values: [fileKey('kafka.replication', kafka.replication), count(brokers)],
        change: `Set kafka.replication to ${Math.min(3, brokers.length)}.`,
      };
    },
  }),
];

function count(brokers: readonly BrokerFacts[]): Compared {
  return { what: 'brokers', value: `${brokers.length}`, source: 'Kafka' };
}

function ofBroker({ name, settings }: BrokerFacts, key: string): Figure {
  const value = settings[key];
  return { what: key, value: value ?? 'not told', source: name, amount: Number(value) };
}

/** What has to pass, one after the other, until others lead in its place. */
function replacing(broker: BrokerFacts): Figure {
  const parts = [
    'controller.quorum.fetch.timeout.ms',
    'controller.quorum.election.timeout.ms',
    'broker.session.timeout.ms',
    'replica.fetch.backoff.ms',
  ].map((key) => ofBroker(broker, key));
  const amount = parts.reduce((sum, part) => sum + part.amount, 0);
  const what = parts.map((part) => part.what).join(' + ');
  return { what, value: `${amount}`, source: broker.name, amount };
}

function record(settings: SettingFacts, { messageMaxBytes: amount }: BrokersFacts): Figure {
  const { what, value, source } = setting(settings, 'log.recordMaxBytes');
  return { what, value: `${value}, sent as ${bytesText(amount)}`, source, amount };
}
