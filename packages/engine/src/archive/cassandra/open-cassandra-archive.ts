import type { CassandraArchive } from './cassandra-archive.ts';
import type { CassandraArchiveOptions } from './cassandra-options.ts';

/**
 * Opens the archive in Cassandra, see `CassandraArchive`. Rejects with what an operator has to change.
 * While no server answers it resolves all the same, and its calls fail until one does: the order in
 * which things start does not matter.
 *
 * Loads the adapter and its driver; who does not call it does not have them in memory.
 */
export async function openCassandraArchive(
  options: CassandraArchiveOptions,
): Promise<CassandraArchive> {
  const module = await import('./cassandra-archive.ts');
  const archive = new module.CassandraArchive(options);
  try {
    await archive.connect();
  } catch (error) {
    if (module.mayPass(error)) return archive;
    await archive.close();
    throw error;
  }
  return archive;
}
