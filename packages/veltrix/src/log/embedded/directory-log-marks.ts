import type { Disk } from '../../storage/disk.ts';
import { discard, isDraftOf, writeFileDurably } from '../../storage/durable-file.ts';
import { decodeLogMark, encodeLogMark, type LogMark, type LogMarks } from '../log-mark.ts';
import { withIo } from './journal-errors.ts';

const fileName = 'migration.json';
/** What earlier builds wrote a mark under first. Whole or not, it never became one; the next mark removes it. */
const earlierDraft = `${fileName}.tmp`;

/** Whether there is nothing in a directory, or nothing but drafts of a mark that somebody died over. */
export function isUnmarkedAndEmpty(disk: Disk, directory: string): boolean {
  return disk.list(directory).every((name) => name === earlierDraft || isDraftOf(name, fileName));
}

/** The mark of a data directory. Throws `veltrix-log-mark-invalid`, `veltrix-log-io-failed`. */
export function readDirectoryMark(disk: Disk, directory: string): LogMark | undefined {
  if (!disk.list(directory).includes(fileName)) return undefined;
  const path = `${directory}/${fileName}`;
  return withIo('read', path, () => {
    const file = disk.open(path);
    try {
      const bytes = new Uint8Array(file.size());
      file.read(0, bytes);
      return decodeLogMark(Buffer.from(bytes).toString(), path);
    } finally {
      file.close();
    }
  });
}

/** The mark of the log of a data directory: its file `migration.json`. The directory must be there to write one. */
export function directoryLogMarks(disk: Disk, directory: string): LogMarks {
  return {
    place: directory,
    read: async () => readDirectoryMark(disk, directory),
    write: async (mark) => {
      const path = `${directory}/${fileName}`;
      const content = Buffer.from(encodeLogMark(mark));
      withIo('write', path, () => writeFileDurably(disk, path, content));
      discard(disk, `${directory}/${earlierDraft}`);
    },
  };
}
