import type { PeerEncryption } from './peer-encryption.ts';

/** Where a process is held on to. */
export interface Life {
  readonly nodeId: string;
  /** Another one after each start of the process. */
  readonly instance: string;
  /** `host:port` at which it listens. */
  readonly address: string;
  /** As it says of itself; see `MemberDescription`. */
  readonly encryption?: PeerEncryption;
}

/**
 * Tells at once that a process has died, which its session tells only once it is over. A connection that stays
 * open costs nothing while all is well.
 */
export interface Lifelines {
  /**
   * Holds on to a process until the returned function is called. `died` is called at most once: it was
   * reached, the connection broke, and its machine says that nobody listens there any more. What cannot be
   * known, as when a machine or a network is silent, is not told.
   */
  hold(place: Pick<Life, 'address' | 'encryption'>, died: () => void): () => void;
}
