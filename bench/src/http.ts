import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { closedLoop, type LoadResult } from './load/closed-loop.ts';
import { type NumberedRequest, singleRequest } from './load/request.ts';
import { commandCounts } from './server/command-counts.ts';
import { type Server, withEngine, withReference } from './server/servers.ts';

const leastRatio = 0.7;

const sizes = { seconds: 10, warmUpSeconds: 3, connections: 256, players: 512 };

export const http = defineBench({
  name: 'http',
  summary: 'Single answers over HTTP, durable before the reply',
  atLeast: '0.7 × a fastify POST with the same schema that does nothing',
  sizes,
  run: async (sizes, runs): Promise<BenchResult> => {
    const requests = ({ tokens }: Server) => tokens.map(singleRequest);
    const { measured, references, counts } = await besideReference(sizes, runs, requests);
    const value = median(measured.map(({ perSecond }) => perSecond));
    const referenceValue = median(references.map(({ perSecond }) => perSecond));
    return {
      name: 'http',
      value: Math.round(value),
      unit: 'requests/s',
      reference: 'fastify POST, same schema, does nothing',
      referenceValue: Math.round(referenceValue),
      ratio: rounded(value / referenceValue),
      met: value / referenceValue >= leastRatio,
      engineCounts: counts,
      ...loadDetails(measured, references),
    };
  },
});

/**
 * Engine and reference, each in its process at the same time, under load in turn; and what the engine
 * itself counted.
 */
export function besideReference(
  load: typeof sizes,
  runs: number,
  requestsFor: (server: Server) => NumberedRequest[],
) {
  return withEngine(load.players, (engine) =>
    withReference(load.players, async (reference) => {
      const measure = (server: Server) => () =>
        closedLoop({ ...load, port: server.port, requests: requestsFor(server) });
      const results = await interleaved(runs, measure(engine), measure(reference));
      return { ...results, counts: await commandCounts(engine.port) };
    }),
  );
}

export function loadDetails(measured: readonly LoadResult[], references: readonly LoadResult[]) {
  const last = measured.at(-1)!;
  const lastReference = references.at(-1)!;
  return {
    byStatus: last.byStatus,
    p50Ms: rounded(last.p50Ms),
    p99Ms: rounded(last.p99Ms),
    referenceP50Ms: rounded(lastReference.p50Ms),
    referenceP99Ms: rounded(lastReference.p99Ms),
    runs: measured.map(({ perSecond }) => Math.round(perSecond)),
    referenceRuns: references.map(({ perSecond }) => Math.round(perSecond)),
  };
}
