import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Clock, CodedError } from 'veltrix';
import type { CassandraTraffic } from '../archive/cassandra/cassandra-traffic.ts';
import type { CassandraIdentityOptions } from '../identity/cassandra/cassandra-identity.ts';
import type { Identity } from '../identity/identity.ts';
import { openOrganiserKeyFile } from '../identity/organiser-key-file.ts';
import { SqliteIdentity } from '../identity/sqlite/sqlite-identity.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { InternalClient } from './internal-client.ts';
import type { InternalHandler } from './internal-server.ts';
import { identityHandler, RemoteIdentity } from './remote-identity.ts';

export interface ClusterIdentityOptions {
  readonly config: ClusterConfig;
  readonly client: InternalClient;
  readonly clock: Clock;
  /** How it asks Cassandra, where it is kept there. */
  readonly traffic: CassandraTraffic;
  /** Made where it is missing. */
  readonly organiserKeyFile: string;
  readonly waitsFor: (error: Error) => void;
  /** The store is not one that this release can use. */
  readonly onFailure: (error: Error) => void;
}

export interface ClusterIdentity {
  readonly identity: Identity;
  /** Answers other nodes, where this node keeps the identity for them. */
  readonly handler?: InternalHandler;
  /** Where it is kept elsewhere: whether that is asked, or left alone because it failed. */
  readonly isUp?: () => boolean;
  close(): Promise<void>;
}

const retryMs = 500;

/** In Cassandra; or the node at the address that the file names keeps it, and the others ask it. */
export async function openClusterIdentity(
  options: ClusterIdentityOptions,
): Promise<ClusterIdentity> {
  const { config, client, organiserKeyFile } = options;
  const { identity: place } = config;
  if (!('address' in place)) return openIdentityStore(options, place.keyspace);
  if (place.address !== config.address) {
    const identity = new RemoteIdentity(client, place.address);
    return { identity, isUp: () => identity.isUp, close: () => identity.close() };
  }
  mkdirSync(dirname(place.database), { recursive: true, mode: 0o700 });
  const identity = new SqliteIdentity({ path: place.database });
  try {
    await openOrganiserKeyFile(organiserKeyFile, identity);
  } catch (error) {
    await identity.close();
    throw error;
  }
  return { identity, handler: identityHandler(identity), close: () => identity.close() };
}

/** Where a server is, for the archive and for the identity. */
export function cassandraPlace({
  contactPoints,
  dataCenter: localDataCenter,
  replication,
  username,
  password,
  tls,
}: ClusterConfig['cassandra']): Omit<CassandraIdentityOptions, 'keyspace'> {
  const hasCredentials = username !== undefined && password !== undefined;
  return {
    ...{ contactPoints, localDataCenter, replication },
    ...(hasCredentials ? { credentials: { username, password } } : {}),
    ...(tls && { tls }),
  };
}

/** Waits for no server: the organiser key is made as soon as one answers. */
async function openIdentityStore(
  { config, clock, traffic, organiserKeyFile, waitsFor, onFailure }: ClusterIdentityOptions,
  keyspace: string,
): Promise<ClusterIdentity> {
  const { CassandraIdentity } = await import('../identity/cassandra/cassandra-identity.ts');
  const identity = new CassandraIdentity({
    ...cassandraPlace(config.cassandra),
    keyspace,
    traffic,
  });
  let isClosed = false;
  const close = () => {
    isClosed = true;
    return identity.close();
  };
  /** Whether it was made; throws what waiting cannot mend. */
  const make = async (): Promise<boolean> => {
    try {
      await identity.connect();
      await openOrganiserKeyFile(organiserKeyFile, identity);
      return true;
    } catch (error) {
      if (!(error instanceof CodedError) || error.retry === 'never') throw error;
      if (!isClosed) waitsFor(error);
      return false;
    }
  };
  const untilMade = async (): Promise<void> => {
    do await new Promise<void>((resolve) => clock.after(retryMs, resolve));
    while (!isClosed && !(await make()));
  };
  // Only gateways ask who somebody is.
  if (config.roles.includes('gateway')) {
    try {
      if (!(await make())) void untilMade().catch(onFailure);
    } catch (error) {
      await close();
      throw error;
    }
  }
  return { identity, isUp: () => identity.isUp, close };
}
