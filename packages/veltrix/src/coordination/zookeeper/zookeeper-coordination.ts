import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../../clock.ts';
import { veltrixErrors } from '../../errors.ts';
import type { LogIdentity } from '../../log/log.ts';
import type { TlsOptions } from '../../tls/index.ts';
import type { ConfigSource } from '../config-source.ts';
import type { Coordinator } from '../coordinator.ts';
import { type PlaceContent, readPlace } from '../tree/read-place.ts';
import { TreeConfigSource } from '../tree/tree-config-source.ts';
import { TreeCoordinator } from '../tree/tree-coordinator.ts';
import { documentMaxBytes, TreePlace } from '../tree/tree-place.ts';
import { defaultTreeTimings, type TreeTimings } from '../tree/tree-timings.ts';
import { ZooKeeperTree } from './zookeeper-tree.ts';

export interface ZooKeeperOptions {
  /** `host:port`, or several with commas between them. */
  readonly connect: string;
  /** Where the cluster has its place: each cluster another one. `/hunt` unless told. */
  readonly prefix?: string;
  readonly plan: LogIdentity;
  /** How long the others wait for a silent node: 4,000 unless told. The service grants 2 to 20 of its ticks. */
  readonly sessionTimeoutMs?: number;
  /** `user:password`. What is made is then for this user only. */
  readonly credentials?: string;
  /** `zookeeper.tls`: encrypts. */
  readonly tls?: TlsOptions;
  /** A node that joins with a clock that is further from the service's is refused. Any is taken unless told. */
  readonly clockSkewMaxMs?: number;
  readonly timings?: Partial<TreeTimings>;
  readonly clock?: Clock;
}

/**
 * The coordinator on a ZooKeeper service. Does not wait for the service: it may start later. Throws
 * `veltrix-coordination-address-invalid`.
 */
export function openZooKeeperCoordinator(options: ZooKeeperOptions): Coordinator {
  return new TreeCoordinator(openZooKeeperPlace(options).place, randomBytes(16).toString('hex'));
}

/** Both over one session, which ends when the coordinator is closed. Throws as `openZooKeeperCoordinator`. */
export function openZooKeeperMeeting(options: ZooKeeperOptions): {
  readonly coordinator: Coordinator;
  readonly config: ConfigSource;
} {
  const { place } = openZooKeeperPlace(options);
  const instance = randomBytes(16).toString('hex');
  return { coordinator: new TreeCoordinator(place, instance), config: new TreeConfigSource(place) };
}

/**
 * What is there, for whoever does not know the plan yet; in a session of its own, and nothing is written. Throws as
 * `openZooKeeperCoordinator`; rejects with what `readPlace` has, after `answerTimeoutMs` at the latest.
 */
export function readZooKeeperPlace(options: Omit<ZooKeeperOptions, 'plan'>): Promise<PlaceContent> {
  const { tree, timings, clock, name } = openTree(options);
  return new Promise((resolve, reject) => {
    readPlace({ tree, timings, clock, name }, (error, content) =>
      tree.close(() => (content === undefined ? reject(error) : resolve(content))),
    );
  });
}

/** The place, and the connection under it. */
export function openZooKeeperPlace({ plan, ...options }: ZooKeeperOptions): {
  readonly place: TreePlace;
  readonly tree: ZooKeeperTree;
} {
  const { tree, clock, timings, name, limits } = openTree(options);
  return { tree, place: new TreePlace({ tree, clock, plan, timings, name, ...limits }) };
}

/** What is there, for a survey. */
export function openZooKeeperSurvey(options: Omit<ZooKeeperOptions, 'plan'>) {
  const { tree, clock, timings, name } = openTree(options);
  return { tree, clock, timings, name };
}

function openTree({
  connect,
  prefix = '/hunt',
  sessionTimeoutMs = 4_000,
  credentials,
  tls,
  clockSkewMaxMs = Number.POSITIVE_INFINITY,
  timings: givenTimings,
  clock = systemClock,
}: Omit<ZooKeeperOptions, 'plan'>) {
  assertAddress(connect, prefix);
  const timings = { ...defaultTreeTimings, ...givenTimings };
  const { requestTimeoutMs } = timings;
  const options = { connect, prefix, sessionTimeoutMs, requestTimeoutMs, credentials, tls, clock };
  const tree = new ZooKeeperTree(options);
  const name = `${connect}${prefix}`;
  return { tree, clock, timings, name, limits: { documentMaxBytes, clockSkewMaxMs } };
}

function assertAddress(connect: string, prefix: string): void {
  const isAddress = connect.split(',').every((server) => /^[^\s/:,]+:\d{1,5}$/.test(server));
  const isPrefix = /^(\/[A-Za-z0-9._-]+)+$/.test(prefix) && !/\/\.{1,2}(\/|$)/.test(prefix);
  if (isAddress && isPrefix) return;
  const details = isAddress
    ? { value: prefix, reason: 'a prefix is /name, or several of them' }
    : { value: connect, reason: 'an address is host:port, or several with commas between them' };
  throw veltrixErrors.create('veltrix-coordination-address-invalid', details);
}
