import { type HttpConnection, openConnections } from './http-connection.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { NumberedRequest } from './request.ts';

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Not counted. */
  readonly warmUpSeconds: number;
  readonly requests: readonly NumberedRequest[];
}

export interface LoadResult {
  /** Good responses a second. */
  readonly perSecond: number;
  readonly responses: number;
  readonly byStatus: Readonly<Record<number, number>>;
  /** Of good responses, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Numbers never come twice in one process: they are the idempotency keys. */
let nextNumber = 1;

export function sendNumbered(connection: HttpConnection, request: NumberedRequest, at: number) {
  // A copy: the kernel may take the bytes later, when the request's own carry the next numbers.
  connection.send(Buffer.from(request.numbered(nextNumber)), at);
  nextNumber += request.numbers;
}

/** Everybody sends the next request as soon as the last one is answered. */
export async function closedLoop(options: LoadOptions): Promise<LoadResult> {
  const { port, connections, seconds, warmUpSeconds, requests } = options;
  const latencies = new LatencyHistogram();
  const byStatus: Record<number, number> = {};
  let next = 0;
  let counted = false;
  let failure: Error | undefined;
  const send = (connection: HttpConnection) => {
    sendNumbered(connection, requests[next++ % requests.length]!, performance.now());
  };
  const open = await openConnections(port, connections, {
    onResponse(connection, status) {
      if (counted) {
        byStatus[status] = (byStatus[status] ?? 0) + 1;
        if (status < 300) latencies.add(performance.now() - connection.startedAt);
      }
      send(connection);
    },
    onLost(_connection, error) {
      failure = error ?? new Error('the server closed a connection');
    },
  });
  for (const connection of open) send(connection);
  await pause(warmUpSeconds);
  counted = true;
  const start = performance.now();
  await pause(seconds);
  const passed = (performance.now() - start) / 1_000;
  for (const connection of open) connection.close();
  if (failure) throw failure;
  return {
    perSecond: latencies.count / passed,
    responses: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
    byStatus,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}
