import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something that answers `GET /metrics` with a page for each time it is asked. */
export interface MetricsPageServer {
  readonly url: string;
  close(): void;
}

/** @param page the text, by how often it was asked before */
export async function serveMetricsPage(
  page: (asked: number) => string,
): Promise<MetricsPageServer> {
  let asked = 0;
  const server = createServer((_request, response) => {
    response.end(page(asked));
    asked += 1;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
