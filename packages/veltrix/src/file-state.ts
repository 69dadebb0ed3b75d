import { statSync } from 'node:fs';

/** Differs once a file, or what a link leads to, is another one or has been written; the same text while it is not there. */
export function fileState(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    // Why it cannot be read is told when it is read.
    return 'none';
  }
}
