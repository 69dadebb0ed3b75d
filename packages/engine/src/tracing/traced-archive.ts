import type { Archive } from '../archive/archive.ts';
import { DecisionTracer } from './decision-tracer.ts';
import type { SpanSink } from './span.ts';

/** What an archiver needs of an archive, telling of each traced command that it has taken in. */
export function tracedArchive(
  archive: Pick<Archive, 'nextOffset' | 'append'>,
  add: SpanSink,
): Pick<Archive, 'nextOffset' | 'append'> {
  const tracer = new DecisionTracer('archive', add);
  return {
    nextOffset: (partition) => archive.nextOffset(partition),
    append: (partition, records) =>
      tracer.aroundAll(partition, records, () => archive.append(partition, records)),
  };
}
