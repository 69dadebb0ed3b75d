import type { Duplex } from 'node:stream';
import { problemMediaType, problemOf } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

/** Answers on a bare connection, where no HTTP response exists, and ends it. */
export function writeProblem(stream: Duplex, error: unknown): void {
  if (stream.destroyed || !stream.writable) return;
  const problem = problemOf(error);
  const body = JSON.stringify(problem);
  const { status, title, retryAfterSeconds } = problem;
  const headers = {
    ...securityHeaders,
    connection: 'close',
    'content-type': problemMediaType,
    'content-length': String(Buffer.byteLength(body)),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  stream.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
