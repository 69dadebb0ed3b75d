import type { MadeOptions, MadeSeries } from './made-process.ts';

/** One process that is well but for these. */
export const one = (changes: MadeSeries) => [{ changes }];

/** A node of a cluster that owns some of all partitions. */
export const node = (
  name: string,
  owned: number,
  all: number,
  changes: MadeSeries = {},
): MadeOptions => ({
  name,
  changes: {
    hunt_node_all_partitions: all,
    'hunt_node_partitions{part="owner"}': owned,
    ...changes,
  },
});

/** A clock that is so many seconds ahead of ours. */
export const clock = (aheadSeconds: number) => ({ aheadSeconds, uncertainSeconds: 0.01 });

/** Seconds of five that two partitions' folds took. */
export const folds = (zero: number, first: number): MadeSeries => ({
  'hunt_processor_fold_seconds_total{partition="0"}': [10, 10 + zero],
  'hunt_processor_fold_seconds_total{partition="1"}': [10, 10 + first],
});

/** Commands turned away until the first look, and until the last. */
export const shed = (from: number, to: number): MadeSeries => ({
  'hunt_gateway_commands_total{result="shed"}': [from, to],
});

/** A dependency that is up where `state` is 1, and else has been left alone for 40 s. */
export const down = (dependency: string, state: number): MadeSeries => ({
  [`hunt_dependency_up_state{dependency="${dependency}"}`]: state,
  [`hunt_dependency_down_seconds{dependency="${dependency}"}`]: state === 1 ? 0 : 40,
});

/** A process that decides on one thread for one partition. */
export const onePartition = {
  without: [
    'hunt_processor_fold_seconds_total{partition="1"}',
    ...['active', 'idle', 'gc', 'heap', 'delay'].flatMap((of) =>
      [
        'seconds_total',
        'max_seconds',
        'p99_seconds',
        'collections_total',
        'bytes',
        'limit_bytes',
      ].map((unit) => `hunt_thread_${of}_${unit}{thread="processors-1"`),
    ),
  ],
};
