/** Commands that went within some time, and what they waited; filled and cleared in place. */
export class WaitWindow {
  /** Decided. */
  left = 0;
  waitedMs = 0;
  /** Not decided, after a wait that was too long. */
  givenUp = 0;
  givenUpMs = 0;

  get gone(): number {
    return this.left + this.givenUp;
  }

  /** What all of them waited, together. */
  get goneMs(): number {
    return this.waitedMs + this.givenUpMs;
  }

  add({ left, waitedMs, givenUp, givenUpMs }: WaitWindow): void {
    this.left += left;
    this.waitedMs += waitedMs;
    this.givenUp += givenUp;
    this.givenUpMs += givenUpMs;
  }

  /** Makes what is in it count for less: 0 clears it. */
  fade(share: number): void {
    this.left *= share;
    this.waitedMs *= share;
    this.givenUp *= share;
    this.givenUpMs *= share;
  }
}
