import type { Archive } from '../archive/archive.ts';
import { type ArchivedOutcome, archivedOutcome } from '../archive/archived-outcome.ts';
import { isSettled, tellsOfLastWord } from './outcome-teller.ts';
import { type RecentOutcomes, undecided } from './recent-outcomes.ts';

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
  let archived: ArchivedOutcome | undefined;
  let failure: unknown;
  try {
    archived = await archivedOutcome(archive, commandId);
  } catch (error) {
    failure = error;
  }
  // Meanwhile more may have been heard.
  const told = recent.find(id, 0, isSettled) ?? archived ?? recent.find(id, 0) ?? known;
  // Pending is right as far as is known here; outcomes do not depend on the archive being there.
  if (told === undefined && failure !== undefined) throw failure;
  return told;
}
