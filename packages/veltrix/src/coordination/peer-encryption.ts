import type { Assignment } from './assignment-document.ts';
import type { Member } from './coordinator.ts';

/**
 * How a node speaks with others. `off`: in plain. `accept`: it takes both, and calls those encrypted that take it.
 * `require`: it takes nothing else, and calls nobody in plain.
 */
export const peerEncryptions = ['off', 'accept', 'require'] as const;
export type PeerEncryption = (typeof peerEncryptions)[number];

/** Who does not say takes none: a release that is older than the word, whatever it is set to. */
export function takesEncrypted(encryption: PeerEncryption | undefined): boolean {
  return encryption === 'accept' || encryption === 'require';
}

/**
 * The assignment with what the members take in it; the same one when that is in it already. Those who call have to
 * know it of every member, also of one that the document names nowhere else, and read nothing but the document.
 */
export function noteEncryption(
  assignment: Assignment,
  members: readonly Pick<Member, 'address' | 'encryption'>[],
): Assignment {
  const { encrypted: before, ...others } = assignment;
  const encrypted = encryptedOf(members);
  if (JSON.stringify(encrypted) === JSON.stringify(before)) return assignment;
  return encrypted === undefined ? others : { ...others, encrypted };
}

/**
 * By address, in order; undefined while nobody takes it, so that the document stays as it was. Of two members at one
 * address, as one that was killed and one that took its place, both have to take it: who is called in plain answers at least
 * unless it requires encryption.
 */
function encryptedOf(
  members: readonly Pick<Member, 'address' | 'encryption'>[],
): Assignment['encrypted'] {
  if (!members.some(({ encryption }) => takesEncrypted(encryption))) return undefined;
  const takes = new Map<string, boolean>();
  for (const { address, encryption } of members) {
    takes.set(address, takesEncrypted(encryption) && takes.get(address) !== false);
  }
  return Object.fromEntries([...takes].sort());
}
