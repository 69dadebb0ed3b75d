import type { Clock, SharedLog } from 'veltrix';
import type { SharedArchive } from '../archive/archive.ts';
import type { DecisionTracer } from '../tracing/decision-tracer.ts';
import type { Views } from '../views/views.ts';
import { ViewsFeed } from '../views/views-feed.ts';
import { EventsSource } from './events-source.ts';
import { SharedRole, type SharedRoleOptions } from './shared-role.ts';

export interface ViewsRoleOptions extends Pick<SharedRoleOptions, 'board' | 'node'> {
  readonly log: SharedLog;
  /** Has what retention has let go of in the log. */
  readonly archive: SharedArchive;
  readonly clock: Clock;
  readonly views: Views;
  /** Traces what the views take in; nobody does where there is none. */
  readonly tracer?: DecisionTracer | undefined;
  readonly onBegun: (partition: number) => void;
  readonly onEnded: (partition: number, error: Error) => void;
}

/** Brings the decisions that count, of this node's share of partitions, from the shared log, or its archive, into the views. Returns what ends it. */
export function startViewsRole(options: ViewsRoleOptions): () => void {
  const { log, archive, clock, views, board, node, onBegun, onEnded } = options;
  const events = new Map<number, EventsSource>();
  const feed = new ViewsFeed({
    views,
    tracer: options.tracer,
    follow: (partition, from, follower) => {
      return events.get(partition)!.follow(Math.max(1, from), follower);
    },
    onEnded,
  });
  const role = new SharedRole({
    ...{ board, node, role: 'views' },
    begin: (partition) => {
      // Anew, since others have brought it further meanwhile.
      events.set(partition, new EventsSource({ log: log.partition(partition), archive, clock }));
      onBegun(partition);
      feed.start(partition).catch((error: Error) => onEnded(partition, error));
    },
    end: (partition) => {
      feed.stop(partition);
      events.delete(partition);
    },
  });
  return () => role.close();
}
