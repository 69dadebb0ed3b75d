import type { PartitionFold, TracedMessage, TracedTimer } from './partition-fold.ts';

/** What a decision record asks of the world around the fold, once the record counts. */
export interface RecordEffects {
  readonly timers: readonly { readonly number: number; readonly dueAt: number }[];
  /** Destination and last sequence number of messages sent. */
  readonly sent: readonly (readonly [number, number])[];
  /** Source and last sequence number of messages received: the state itself may be ahead by then. */
  readonly received: readonly (readonly [number, number])[];
  /** Those of the messages sent that belong to traces. */
  readonly traced: readonly TracedMessage[];
  /** Those of the timers that traces have set. */
  readonly tracedTimers: readonly TracedTimer[];
}

const none: readonly never[] = [];

/** Takes from the fold what its last record changed; undefined when it asks nothing. */
export function takeEffects({ effects, platform }: PartitionFold): RecordEffects | undefined {
  const { timers, destinations, sources, traced, tracedTimers } = effects;
  if (timers.length === 0 && destinations.size === 0 && sources.size === 0) return undefined;
  const { outbox } = platform;
  const taken = {
    timers: timers.slice(),
    sent: [...destinations].map((to) => [to, outbox.nextSequence(to) - 1] as const),
    received: [...sources].map((from) => [from, outbox.lastReceived(from)] as const),
    traced: traced.length > 0 ? traced.slice() : none,
    tracedTimers: tracedTimers.length > 0 ? tracedTimers.slice() : none,
  };
  timers.length = 0;
  destinations.clear();
  sources.clear();
  if (traced.length > 0) traced.length = 0;
  if (tracedTimers.length > 0) tracedTimers.length = 0;
  return taken;
}
