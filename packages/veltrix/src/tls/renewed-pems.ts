import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Pems, TlsOptions } from './tls-options.ts';

interface Read {
  /** Of the files, when they were looked at last. */
  readonly state: string;
  /** The last that were of use. */
  readonly pems: Pems;
}

const fileMaxBytes = 1 << 20;
const parts = ['ca', 'cert', 'key'] as const;
/** What a thread has read for connections of a kind. */
const lastRead = new WeakMap<TlsOptions, Read>();

/**
 * What the files hold now, for a connection that is about to be made. What is of no use, such as a new
 * certificate whose key is still to come, is passed over: what there was stays, and the next connection
 * looks again. Without files, what is said itself.
 */
export function currentPems(tls: TlsOptions): Pems {
  const { files } = tls;
  if (files === undefined) return tls;
  const state = parts.map((part) => stateOf(files[part])).join(' ');
  const known = lastRead.get(tls);
  if (known?.state === state) return known.pems;
  const pems = readPems(tls) ?? known?.pems ?? tls;
  lastRead.set(tls, { state, pems });
  return pems;
}

/** Undefined where they are of no use. */
function readPems(tls: TlsOptions): Pems | undefined {
  try {
    const found = parts.map((part) => {
      const file = tls.files?.[part];
      const text = file === undefined ? tls[part] : readFileSync(file, 'utf8');
      if (text !== undefined && text.length > fileMaxBytes)
        throw new RangeError(`${file} is large`);
      return [part, text] as const;
    });
    const { ca, cert, key } = Object.fromEntries(found) as Pems;
    for (const certificate of [ca, cert])
      if (certificate !== undefined) new X509Certificate(certificate);
    if (cert !== undefined && key !== undefined) createSecureContext({ cert, key });
    return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  } catch {
    return undefined;
  }
}

function stateOf(file: string | undefined): string {
  if (file === undefined) return '';
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    return 'none';
  }
}
