import type { Segment } from './segment.ts';
import type { SegmentRemover } from './segment-remover.ts';

export interface RetainedJournal {
  readonly remover: SegmentRemover;
  /** Oldest first; those that go are taken out. */
  readonly segments: Segment[];
}

export interface RetentionBounds {
  /** Offsets from which on commands and events are still needed. */
  readonly commandsFrom: number;
  readonly eventsFrom: number;
  /** So much stays in any case. */
  readonly keepBytes: number;
  /** Frames below are durable. */
  readonly durableFrame: number;
}

/** Removes the oldest segments of which nothing is needed any more; returns their bytes. */
export function retainSegments(
  { remover, segments }: RetainedJournal,
  { commandsFrom, eventsFrom, keepBytes, durableFrame }: RetentionBounds,
): number {
  let bytes = 0;
  let kept = bytesOf(segments);
  for (let following = segments[1]; following; following = segments[1]) {
    const { path, fileBytes } = segments[0]!;
    kept -= fileBytes;
    if (kept < keepBytes) break;
    const { frame, commands, events } = following.header;
    if (commands > commandsFrom || events > eventsFrom) break;
    // The journal must still begin somewhere if the power fails now.
    if (frame >= durableFrame) break;
    bytes += fileBytes;
    segments.shift();
    remover.remove(path);
  }
  return bytes;
}

/** Of their files. */
export function bytesOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
}
