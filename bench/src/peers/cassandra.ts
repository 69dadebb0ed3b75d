import { randomBytes } from 'node:crypto';
import driver from 'cassandra-driver';

const batchRows = 50;
const batchesInFlight = 32;
/** Of an event as the archive keeps it: decision and event. */
const valueBytes = 88;

/**
 * Rows a second that the bare driver writes at its best: prepared, unlogged batches within one Cassandra
 * partition, each row as large as an event, each batch in a partition of its own.
 */
export async function bareCassandraRate(contactPoint: string, rows: number): Promise<number> {
  const client = new driver.Client({
    contactPoints: [contactPoint],
    localDataCenter: 'datacenter1',
    queryOptions: { prepare: true, consistency: driver.types.consistencies.localQuorum },
  });
  try {
    await client.connect();
    const keyspace = `bare_${randomBytes(6).toString('hex')}`;
    const copies = "{'class': 'SimpleStrategy', 'replication_factor': 1}";
    await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = ${copies}`, [], {
      prepare: false,
    });
    await client.execute(
      `CREATE TABLE ${keyspace}.rows (bucket int, place int, bytes blob, PRIMARY KEY (bucket, place))`,
      [],
      { prepare: false },
    );
    const query = `INSERT INTO ${keyspace}.rows (bucket, place, bytes) VALUES (?, ?, ?)`;
    const batches = Math.ceil(rows / batchRows);
    const bytes = randomBytes(valueBytes);
    let next = 0;
    const sender = async () => {
      for (let bucket = next++; bucket < batches; bucket = next++) {
        const queries = Array.from({ length: batchRows }, (_, place) => ({
          query,
          params: [bucket, place, bytes],
        }));
        await client.batch(queries, { logged: false });
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: batchesInFlight }, sender));
    return (batches * batchRows) / ((performance.now() - start) / 1_000);
  } finally {
    await client.shutdown();
  }
}
