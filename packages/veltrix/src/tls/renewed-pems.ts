import { type Pems, type PemWords, pemState, readPemFiles } from './pem-files.ts';
import type { TlsOptions } from './tls-options.ts';

interface Read {
  /** Of the files, when they were looked at last. */
  readonly state: string;
  /** The last that were of use. */
  readonly pems: Pems;
}

/** What a thread has read for connections of a kind. */
const lastRead = new WeakMap<TlsOptions, Read>();

/**
 * What the files hold now, for a connection that is about to be made. What is of no use, such as a new
 * certificate whose key is still to come, is passed over: what there was stays, and the next connection
 * looks again. To tell of it is for whoever watches the files, once and not in each thread. Without places,
 * what is said itself.
 */
export function currentPems(tls: TlsOptions): Pems {
  const { places } = tls;
  if (places === undefined) return tls;
  const state = pemState(places);
  const known = lastRead.get(tls);
  if (known?.state === state) return known.pems;
  let pems: Pems;
  try {
    pems = readPemFiles(places, passedOver);
  } catch {
    pems = known?.pems ?? tls;
  }
  lastRead.set(tls, { state, pems });
  return pems;
}

const passedOver: PemWords = {
  nameOf: (part) => part,
  fail: (part, reason, cause) => new Error(`${part} ${reason}`, { cause }),
};
