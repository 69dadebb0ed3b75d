import { fileKey } from '../amount.ts';
import type { ClockFacts } from '../facts.ts';
import { defineRule, type Rule } from '../rule.ts';

const titles = {
  why: 'Commands are stamped with a time at which, elsewhere, hunts are not open yet or no longer; standings and names seem older or newer than they are.',
  remedy: 'Keep the clocks of all machines together with NTP; clockSkewMaxMs says what is allowed.',
};

/** Clocks that are not together. A node that joins is held against ZooKeeper's besides. */
export const clockRules: readonly Rule[] = [
  defineRule({
    id: 'preflight-clock-redis',
    title: 'The clocks of this machine and of Redis are together',
    severity: 'warns',
    needs: ['cluster', 'redisClock'],
    ...titles,
    *check({ cluster, redisClock }) {
      yield* apart(redisClock, cluster.clockSkewMaxMs);
    },
  }),
  defineRule({
    id: 'preflight-clock-cassandra',
    title: 'The clocks of this machine and of Cassandra are together',
    severity: 'warns',
    needs: ['cluster', 'cassandraClock'],
    ...titles,
    *check({ cluster, cassandraClock }) {
      yield* apart(cassandraClock, cluster.clockSkewMaxMs);
    },
  }),
];

function* apart({ server, aheadMs, uncertainMs }: ClockFacts, limitMs: number) {
  const apartMs = Math.abs(aheadMs) - uncertainMs;
  if (!(apartMs > limitMs)) return;
  const way = aheadMs > 0 ? 'ahead of' : 'behind';
  yield {
    values: [
      {
        what: 'clock of this machine',
        value: `${Math.round(Math.abs(aheadMs))} ms ${way} the server's`,
        source: server,
      },
      fileKey('clockSkewMaxMs', limitMs),
    ] as const,
    change: 'Have NTP set both clocks.',
  };
}
