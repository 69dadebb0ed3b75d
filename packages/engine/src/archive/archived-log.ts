import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { veltrixErrors } from 'veltrix';

/**
 * Visits the decision records below `below` that retention has removed from a partition's log, from the
 * archive of the data directory. Throws `veltrix-log-offset-gone` when the archive lacks any of them,
 * and what opening an archive throws.
 */
export async function readArchivedLog(
  directory: string,
  partition: number,
  below: number,
  visit: (offset: number, bytes: Uint8Array) => void,
): Promise<void> {
  const gone = (offset: number) =>
    veltrixErrors.create('veltrix-log-offset-gone', {
      ...{ offset, partition, stream: 'events', first: below },
    });
  const path = join(directory, 'archive.db');
  if (!existsSync(path)) throw gone(1);
  const { SqliteArchive } = await import('./sqlite/sqlite-archive.ts');
  const archive = new SqliteArchive(path);
  try {
    const end = await archive.nextOffset(partition);
    if (end < below) throw gone(Math.max(1, end));
    archive.visitRecords(partition, 1, below, visit);
  } finally {
    await archive.close();
  }
}
