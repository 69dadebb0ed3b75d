import { type BenchResult, defineBench, median, rounded } from './bench.ts';
import { besideReference, loadDetails } from './http.ts';
import { batchRequest } from './load/request.ts';

const leastPerSecond = 100_000;

export const httpBatch = defineBench({
  name: 'http-batch',
  summary: 'Answers over HTTP, many in a request',
  atLeast: '100,000 commands/s',
  sizes: { seconds: 10, warmUpSeconds: 3, connections: 64, players: 512, commands: 100 },
  async run(sizes, runs): Promise<BenchResult> {
    const { commands } = sizes;
    const { measured, references, counts } = await besideReference(sizes, runs, ({ tokens }) =>
      tokens.map((token, number) => batchRequest(token, number, commands)),
    );
    const value = commands * median(measured.map(({ perSecond }) => perSecond));
    const referenceValue = commands * median(references.map(({ perSecond }) => perSecond));
    return {
      name: 'http-batch',
      value: Math.round(value),
      unit: 'commands/s',
      reference: 'fastify POST of the same batch that only validates',
      referenceValue: Math.round(referenceValue),
      ratio: rounded(value / referenceValue),
      // A batch is answered 200 even when its commands are turned away: the engine's own count tells.
      met: value >= leastPerSecond && counts['refused'] === 0 && counts['shed'] === 0,
      engineCounts: counts,
      commandsPerRequest: commands,
      ...loadDetails(measured, references),
    };
  },
});
