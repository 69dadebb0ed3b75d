import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  expositionType,
  type LabelValues,
  type MetricDeclaration,
  MetricRegistry,
} from 'veltrix/telemetry';

/** A process that measures everything that is declared: also what only a cluster has. */
export interface DeclaredProcess {
  /** `host:port`. */
  readonly address: string;
  close(): void;
}

/** Serves a page with every declared metric; counters grow from one reading to the next. */
export async function serveDeclared(
  metrics: Readonly<Record<string, MetricDeclaration>>,
): Promise<DeclaredProcess> {
  const registry = new MetricRegistry(metrics);
  let reading = 0;
  for (const [name, { type, labels = {} }] of Object.entries(metrics)) {
    const names = Object.keys(labels);
    if (type === 'histogram') {
      const first = Object.entries(labels).map(([label, values]) => [label, someOf(values)[0]!]);
      const histogram = registry.histogram(name, Object.fromEntries(first));
      registry.onSample(() => histogram.observe(0.01, 10));
      continue;
    }
    registry.measure(name, names, (emit) => {
      for (const values of combined(Object.values(labels).map(someOf))) {
        emit(type === 'counter' ? reading * 10 : 1, ...values);
      }
    });
  }
  const server = createServer((_request, response) => {
    reading += 1;
    registry.sample();
    response.writeHead(200, { 'content-type': expositionType }).end(registry.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function someOf(values: LabelValues): readonly string[] {
  return 'upTo' in values ? ['0', '1'].slice(0, values.upTo) : values;
}

function combined(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (all, list) => all.flatMap((before) => list.map((value) => [...before, value])),
    [[]],
  );
}
