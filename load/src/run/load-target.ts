import { loadErrors } from '../errors.ts';
import type { Target } from '../generator/http-connection.ts';

/** Where load goes, in the forms in which it is needed. */
export interface LoadTarget {
  readonly url: string;
  readonly address: Target;
  /** For the header `Host`. */
  readonly authority: string;
  readonly isThisMachine: boolean;
}

/** Throws load-target-invalid. */
export function targetOf(text: string): LoadTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSecure = url?.protocol === 'https:';
  if (url === undefined || !(isSecure || url.protocol === 'http:') || url.pathname !== '/') {
    throw loadErrors.create('load-target-invalid', { target: text });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    url: url.origin,
    address: { host, port: Number(url.port) || (isSecure ? 443 : 80), isSecure },
    authority: url.host,
    isThisMachine: /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host),
  };
}
