import { readFileSync } from 'node:fs';
import { DocumentShape } from '../coordination/document-shape.ts';
import { veltrixErrors } from '../errors.ts';
import { writeFileDurably } from '../storage/durable-file.ts';
import { NodeDisk } from '../storage/node-disk.ts';

/** What a node took last, so that it starts with that while the cluster cannot be asked. */
export interface LastGood {
  /** 0 where the cluster had said nothing. */
  readonly version: number;
  /** As `encodeClusterSettings` makes it. */
  readonly value: string;
}

/** Undefined where there is no file. Throws `veltrix-coordination-damaged`, `veltrix-config-unreadable`. */
export function readLastGood(file: string): LastGood | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw veltrixErrors.create('veltrix-config-unreadable', { file, reason: message });
  }
  const shape = DocumentShape.parse(file, text);
  return { version: shape.field('version').count(), value: shape.field('value').text() };
}

/** Whole or not at all, also where the machine stops meanwhile. Throws `veltrix-config-unwritable`. */
export function writeLastGood(file: string, { version, value }: LastGood): void {
  try {
    writeFileDurably(new NodeDisk(), file, Buffer.from(JSON.stringify({ version, value })));
  } catch (error) {
    const reason = (error as Error).message;
    throw veltrixErrors.create('veltrix-config-unwritable', { file, reason }, { cause: error });
  }
}
