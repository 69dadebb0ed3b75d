import type { Archive } from '../archive/archive.ts';
import { type ArchivedOutcome, archivedOutcome } from '../archive/archived-outcome.ts';
import { isSettled, tellsOfLastWord } from './outcome-teller.ts';
import { type RecentOutcome, type RecentOutcomes, undecided } from './recent-outcomes.ts';

/** Where what became of commands is known. */
export interface OutcomeSources {
  /** What this process has heard of lately. */
  readonly recent: RecentOutcomes;
  readonly archive: Pick<Archive, 'decision' | 'events'>;
}

/**
 * What became of a command, for whoever asks; its status is `undecided` while it is on its way. Undefined where nothing
 * is known of it. Throws what the archive throws, unless something is known without it.
 *
 * @param commandId 32 hexadecimal digits
 * @param id the same as 16 bytes
 */
export async function askedOutcome(
  { recent, archive }: OutcomeSources,
  commandId: string,
  id: DataView,
): Promise<ArchivedOutcome | undefined> {
  const known = recent.find(id, 0);
  if (known !== undefined && (known.status === undecided || tellsOfLastWord(known))) return known;
  return archivedWord({ recent, archive }, commandId, id, known);
}

/** Of a command that may have been decided before this process started; `pending` is what it knows of it. */
async function archivedWord(
  { recent, archive }: OutcomeSources,
  commandId: string,
  id: DataView,
  pending: RecentOutcome | undefined,
): Promise<ArchivedOutcome | undefined> {
  let archived: ArchivedOutcome | undefined;
  try {
    archived = await archivedOutcome(archive, commandId);
  } catch (error) {
    // Pending is right as far as is known here; outcomes do not depend on the archive being there.
    if (pending === undefined) throw error;
  }
  // Meanwhile the last word may have come.
  return recent.find(id, 0, isSettled) ?? archived ?? pending;
}
