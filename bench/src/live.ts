import { type BenchResult, defineBench, interleaved, median, rounded } from './bench.ts';
import { socketFrame } from './load/request.ts';
import { socketLoad } from './load/socket-load.ts';
import { type Server, withEngine, withReference } from './server/servers.ts';

const leastRatio = 0.5;

export const live = defineBench({
  name: 'live',
  summary: 'Commands over WebSocket, pipelined',
  atLeast: '0.5 × an echo that parses and stringifies',
  sizes: { seconds: 10, warmUpSeconds: 3, connections: 32, depth: 32 },
  async run(sizes, runs): Promise<BenchResult> {
    const { connections } = sizes;
    const frames = Array.from({ length: 1_000 }, (_, number) => socketFrame(number));
    const { measured, references } = await withEngine(connections, (engine) =>
      withReference(connections, (reference) => {
        const measure =
          ({ port, tokens }: Server) =>
          () =>
            socketLoad({ ...sizes, port, tokens, frames });
        return interleaved(runs, measure(engine), measure(reference));
      }),
    );
    const value = median(measured.map(({ perSecond }) => perSecond));
    const referenceValue = median(references.map(({ perSecond }) => perSecond));
    const { refused, eventsPerSecond } = measured.at(-1)!;
    return {
      name: 'live',
      value: Math.round(value),
      unit: 'commands/s',
      reference: 'WebSocket echo that parses and stringifies',
      referenceValue: Math.round(referenceValue),
      ratio: rounded(value / referenceValue),
      met: value / referenceValue >= leastRatio && refused === 0,
      refused,
      eventsPushedPerSecond: Math.round(eventsPerSecond),
      runs: measured.map(({ perSecond }) => Math.round(perSecond)),
      referenceRuns: references.map(({ perSecond }) => Math.round(perSecond)),
    };
  },
});
