import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code: number };
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: CollectedSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[];
  }[];
}

/** A collector of OTLP over HTTP, as JSON. */
export interface Collector {
  readonly endpoint: string;
  readonly spans: CollectedSpan[];
  /** Of each request: path, Authorization, and names and values of the resource. */
  readonly requests: { path: string; authorization: string | undefined; resource: object }[];
  /** What is answered from now on; 0 breaks the connection. */
  status: number;
  /** Resolves once it has what is wanted; rejects after so long. */
  until(has: (spans: readonly CollectedSpan[]) => boolean, timeoutMs?: number): Promise<void>;
  close(): void;
}

export async function startCollector(): Promise<Collector> {
  let check = () => {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (collector.status === 0) return request.socket.destroy();
      const body = JSON.parse(Buffer.concat(chunks).toString()) as ExportRequest;
      const { resource, scopeSpans } = body.resourceSpans[0]!;
      collector.requests.push({
        path: request.url ?? '',
        authorization: request.headers.authorization,
        resource: Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value])),
      });
      if (collector.status === 200) {
        collector.spans.push(...scopeSpans.flatMap(({ spans }) => spans));
      }
      response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
      check();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const collector: Collector = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    requests: [],
    status: 200,
    until: (has, timeoutMs = 60_000) =>
      new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => {
          const told = collector.spans.map(({ name, spanId, parentSpanId }) => {
            return `${name} ${spanId} of ${parentSpanId}`;
          });
          reject(new Error(`not collected in ${timeoutMs} ms, only:\n${told.join('\n')}`));
        }, timeoutMs);
        check = () => {
          if (!has(collector.spans)) return;
          clearTimeout(late);
          check = () => {};
          resolve();
        };
        check();
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return collector;
}
