import { veltrixErrors } from '../errors.ts';
import type { ConfigChange, ConfigDocument } from './config-source.ts';
import { DocumentShape, isPlainName } from './document-shape.ts';

/** Largest value of a key, in UTF-8. */
export const configValueMaxBytes = 16 * 1024;
/** Versions of a key that are kept. */
export const configHistoryMax = 20;
/** Longest `by` and `why`. */
const configNoteMaxLength = 500;

/** All versions that are kept, newest first: one document, so that a change and its history are one write. */
export function encodeConfig(versions: readonly ConfigDocument[]): string {
  const rows = versions.map(({ version, value, by, why, at }) => ({ version, value, by, why, at }));
  return JSON.stringify({ format: 1, versions: rows });
}

/** Throws `veltrix-coordination-damaged`. */
export function decodeConfig(key: string, text: string, place: string): ConfigDocument[] {
  const shape = DocumentShape.parse(place, text);
  shape.field('format').only(1);
  const versions = shape
    .field('versions')
    .items()
    .map((row) => ({
      key,
      version: row.field('version').count(),
      value: row.field('value').text(),
      by: row.field('by').text(),
      why: row.field('why').text(),
      at: row.field('at').count(),
    }));
  if (versions.length === 0) shape.fail('no versions');
  return versions;
}

export function configKeyProblem(key: string): Error | undefined {
  if (isPlainName(key)) return undefined;
  const reason = 'a key is 1 to 64 letters, digits, dots, underscores and hyphens';
  return veltrixErrors.create('veltrix-config-invalid', { key, reason });
}

/** Throws `veltrix-config-invalid`, `veltrix-coordination-too-large`. */
export function assertConfigChange({ key, value, by, why }: ConfigChange): void {
  const fail = (reason: string) => veltrixErrors.create('veltrix-config-invalid', { key, reason });
  const invalid = configKeyProblem(key);
  if (invalid) throw invalid;
  for (const [name, text] of Object.entries({ by, why })) {
    if (text.trim() === '') throw fail(`it does not say ${name === 'by' ? 'who' : 'why'}`);
    if (text.length > configNoteMaxLength) {
      throw fail(`"${name}" has ${text.length} characters; the limit is ${configNoteMaxLength}`);
    }
  }
  const bytes = Buffer.byteLength(value);
  if (bytes > configValueMaxBytes) {
    const details = { place: key, bytes, limit: configValueMaxBytes };
    throw veltrixErrors.create('veltrix-coordination-too-large', details);
  }
}
