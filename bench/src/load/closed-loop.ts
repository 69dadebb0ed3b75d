import { LatencyHistogram } from '@hunt/load/generator';
import { OpenConnections } from './open-connections.ts';
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

/** Everybody sends the next request as soon as the last one is answered. */
export async function closedLoop(options: LoadOptions): Promise<LoadResult> {
  const { port, connections, seconds, warmUpSeconds, requests } = options;
  const latencies = new LatencyHistogram();
  const byStatus: Record<number, number> = {};
  const sentAt = new Float64Array(connections);
  let next = 0;
  let counted = false;
  let failure: Error | undefined;
  const send = (connection: number) => {
    sentAt[connection] = performance.now();
    open.send(connection, requests[next++ % requests.length]!);
  };
  const open = await OpenConnections.to(port, connections, {
    onResponse(connection, status, keepsAlive) {
      if (counted) {
        byStatus[status] = (byStatus[status] ?? 0) + 1;
        if (status < 300) latencies.record(performance.now() - sentAt[connection]!);
      }
      if (keepsAlive) send(connection);
    },
    onLost(_connection, reason) {
      failure = new Error(`a connection was lost: ${reason}`);
    },
  });
  for (let connection = 0; connection < connections; connection++) send(connection);
  await pause(warmUpSeconds);
  counted = true;
  const start = performance.now();
  await pause(seconds);
  const passed = (performance.now() - start) / 1_000;
  open.close();
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
