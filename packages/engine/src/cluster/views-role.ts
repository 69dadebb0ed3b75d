import type { Clock, SharedLog } from 'veltrix';
import type { SharedArchive } from '../archive/archive.ts';
import type { Views } from '../views/views.ts';
import { ViewsFeed } from '../views/views-feed.ts';
import { EventsSource } from './events-source.ts';

/** Brings the decisions that count from the shared log, or its archive, into the views. Returns what ends it. */
export function startViewsRole(
  log: SharedLog,
  archive: SharedArchive,
  clock: Clock,
  views: Views,
  onEnded: (partition: number, error: Error) => void,
): () => void {
  const { partitionCount } = log.identity;
  const partitions = Array.from({ length: partitionCount }, (_, index) => index);
  const events = partitions.map(
    (partition) => new EventsSource({ log: log.partition(partition), archive, clock }),
  );
  const feed = new ViewsFeed({
    views,
    follow: (partition, from, follower) => events[partition]!.follow(Math.max(1, from), follower),
    onEnded,
  });
  for (const partition of partitions) {
    feed.start(partition).catch((error: Error) => onEnded(partition, error));
  }
  return () => {
    for (const partition of partitions) feed.stop(partition);
  };
}
