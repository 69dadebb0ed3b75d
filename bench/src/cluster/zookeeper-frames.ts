/** Requests of ZooKeeper's protocol by their numbers (`ZooDefs.OpCode`). */
const requests: Readonly<Record<number, string>> = {
  1: 'create',
  2: 'delete',
  3: 'exists',
  4: 'getData',
  5: 'setData',
  8: 'getChildren',
  9: 'sync',
  11: 'ping',
  12: 'getChildren2',
  13: 'check',
  14: 'multi',
  100: 'auth',
  101: 'setWatches',
};
/** In the place of an answer's number. */
const watchEvent = -1;

/** Bytes of a frame that tell what it is: the number by which an answer finds its request, and the kind of a request. */
export const frameHeadBytes = 8;
/** Of a frame that has a number. */
const numberBytes = 4;

/** Names the frames of one connection between a client and ZooKeeper; an answer has the name of its request. */
export class ZooKeeperFrames {
  readonly #asked = new Map<number, string>();
  #isOpen = false;

  /** A frame from the client, by its first bytes (fewer than `frameHeadBytes` of a shorter one). */
  asked(head: Buffer): string {
    if (!this.#isOpen) return 'session';
    if (head.length < numberBytes) return 'other';
    const name = head.length < frameHeadBytes ? 'other' : nameOf(head.readInt32BE(4));
    this.#asked.set(head.readInt32BE(0), name);
    return name;
  }

  answered(head: Buffer): string {
    if (!this.#isOpen) {
      this.#isOpen = true;
      return 'session';
    }
    if (head.length < numberBytes) return 'other';
    const number = head.readInt32BE(0);
    if (number === watchEvent) return 'watch event';
    const name = this.#asked.get(number) ?? 'other';
    this.#asked.delete(number);
    return name;
  }
}

function nameOf(request: number): string {
  return requests[request] ?? (request === -11 ? 'session' : 'other');
}
