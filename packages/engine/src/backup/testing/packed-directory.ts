import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { filesBelow } from '../backup-files.ts';

/** All files of a directory as one: base64 by path in a JSON object, compressed. */
export function packDirectory(directory: string): Buffer {
  const files = filesBelow(directory).map(
    (file) => [file, readFileSync(path.join(directory, file)).toString('base64')] as const,
  );
  return gzipSync(JSON.stringify(Object.fromEntries(files)), { level: 9 });
}

export function unpackDirectory(packed: Buffer, directory: string): void {
  const files = JSON.parse(gunzipSync(packed).toString()) as Record<string, string>;
  for (const [file, base64] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), Buffer.from(base64, 'base64'));
  }
}
