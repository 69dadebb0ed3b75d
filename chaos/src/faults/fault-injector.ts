import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ChaosCluster } from '../cluster/chaos-cluster.ts';
import { linkEnds } from '../cluster/node-links.ts';
import { processorNames } from '../cluster/node-names.ts';
import { askRedis } from './ask-redis.ts';
import type { Fault, FaultKindName } from './fault-plan.ts';

/** What ends a fault; resolves when what was broken works again, as far as it can tell by itself. */
type Heal = () => Promise<unknown> | unknown;
type Inject = (cluster: ChaosCluster, fault: Fault) => Promise<Heal> | Heal;

/** Within Kafka's and ZooKeeper's time-outs most of the time, beyond them sometimes. */
const slowLeastMs = 20;
const slowMostMs = 1_500;
const brokers = [0, 1, 2];
const restartTries = 3;
const run = promisify(execFile);

/** A server that does not come back in time on a busy machine gets another try. */
async function restarted(restart: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await restart();
    } catch (error) {
      if (tries === restartTries) throw error;
    }
  }
}

const killNode: Inject = async (cluster, { target }) => {
  await cluster.node(target).kill();
  return () => cluster.node(target).start();
};

const drainNode: Inject = async (cluster, { target }) => {
  await cluster.node(target).stop();
  return () => cluster.node(target).start();
};

const freezeNode: Inject = (cluster, { target, forMs }) => {
  cluster.node(target).freeze(2 * forMs);
  return () => cluster.node(target).wake();
};

const killServer =
  (which: 'redis' | 'cassandra' | 'zookeeper'): Inject =>
  async (cluster) => {
    await cluster[which].kill();
    return () => restarted(() => cluster[which].restart());
  };

const freezeServer =
  (which: 'redis' | 'cassandra' | 'zookeeper'): Inject =>
  (cluster) => {
    cluster[which].freeze();
    return () => cluster[which].wake();
  };

function endOf({ choice }: Fault) {
  return linkEnds[Math.floor(choice * linkEnds.length)]!;
}

/** How each kind is done. */
const injections: Readonly<Record<FaultKindName, Inject>> = {
  'processor-kill': killNode,
  'processor-freeze': freezeNode,
  'processor-drain': drainNode,
  'processors-kill-all': async (cluster) => {
    await Promise.all(processorNames.map((name) => cluster.node(name).kill()));
    return () => {
      for (const name of processorNames) cluster.node(name).start();
    };
  },
  'processor-add': (cluster, { target }) => {
    cluster.node(target).start();
    return () => cluster.node(target).stop();
  },
  'gateway-kill': killNode,
  'gateway-freeze': freezeNode,
  'gateway-drain': drainNode,
  'broker-kill': async ({ kafka }, { target }) => {
    await kafka.kill(Number(target));
    return () => restarted(() => kafka.restart(Number(target)));
  },
  'broker-freeze': ({ kafka }, { target }) => {
    kafka.freeze(Number(target));
    return () => kafka.wake(Number(target));
  },
  // No file may grow any more; whoever tries gets the error of a full disk's kind.
  'broker-disk-full': async ({ kafka }, { target }) => {
    await run('prlimit', ['--pid', String(kafka.pids[Number(target)]), '--fsize=1:']);
    return () => restarted(() => kafka.restart(Number(target)));
  },
  'brokers-kill-all': async ({ kafka }) => {
    await Promise.all(brokers.map((broker) => kafka.kill(broker)));
    // At once: a broker answers only when it knows the others.
    return () => Promise.all(brokers.map((broker) => restarted(() => kafka.restart(broker))));
  },
  'redis-kill': killServer('redis'),
  'redis-freeze': freezeServer('redis'),
  'redis-flush': async ({ redis }) => {
    await askRedis(redis.address, 'FLUSHALL');
    return () => undefined;
  },
  'cassandra-kill': killServer('cassandra'),
  'cassandra-freeze': freezeServer('cassandra'),
  'zookeeper-kill': killServer('zookeeper'),
  'zookeeper-freeze': freezeServer('zookeeper'),
  'link-cut': (cluster, fault) => {
    const links = cluster.links(fault.target);
    links.cut(endOf(fault));
    return () => links.heal();
  },
  'link-hold': (cluster, fault) => {
    const links = cluster.links(fault.target);
    links.hold(endOf(fault));
    return () => links.heal();
  },
  'link-one-way': (cluster, fault) => {
    const links = cluster.links(fault.target);
    // The first digits choose the end, the last ones the direction.
    links.hold(endOf(fault), (fault.choice * 1_000) % 1 < 0.5 ? 'to-server' : 'to-client');
    return () => links.heal();
  },
  'link-slow': (cluster, fault) => {
    const links = cluster.links(fault.target);
    const delayMs = slowLeastMs + ((fault.choice * 1_000) % 1) ** 2 * (slowMostMs - slowLeastMs);
    links.slow(endOf(fault), Math.round(delayMs));
    return () => links.heal();
  },
};

/** Does it; the result heals it. */
export async function inject(cluster: ChaosCluster, fault: Fault): Promise<Heal> {
  return injections[fault.kind](cluster, fault);
}

/** What a fault's target is called, for people. */
export function describe(fault: Fault): string {
  const { kind, target } = fault;
  const end = kind.startsWith('link-') ? ` to ${endOf(fault)}` : '';
  return target === '' ? kind : `${kind} ${target}${end}`;
}
