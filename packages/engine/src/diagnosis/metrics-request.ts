import type { IncomingMessage } from 'node:http';
import { type TlsOptions, tlsConnectionOptions } from 'veltrix/tls';

/** More than a thousand partitions take. */
const pageMaxBytes = 32 * 1_048_576;

interface Answered {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks a process for its metrics.
 *
 * @param tls whom to trust, in place of those that Node does
 */
export async function requestMetrics(
  origin: string,
  signal: AbortSignal,
  tls?: TlsOptions,
): Promise<Answered> {
  const url = new URL('/metrics', origin);
  if (tls) {
    const response = await trustingRequest(url, signal, tls);
    return { status: response.statusCode ?? 0, text: await limitedText(response) };
  }
  const { status, body } = await fetch(url, { signal, redirect: 'error' });
  return { status, text: await limitedText(body ?? []) };
}

/** `fetch` knows of no CA but Node's. */
async function trustingRequest(
  url: URL,
  signal: AbortSignal,
  tls: TlsOptions,
): Promise<IncomingMessage> {
  const { get } = await import('node:https');
  const options = { ...tlsConnectionOptions(tls, url.hostname), agent: false as const, signal };
  return new Promise((resolve, reject) => {
    get(url, options, resolve).once('error', reject);
  });
}

/** Whoever answers may be anybody. */
async function limitedText(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > pageMaxBytes) throw new Error(`its page is larger than ${pageMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
