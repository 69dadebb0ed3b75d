/** What a disk writes as a whole or not at all. */
export const sectorBytes = 512;

/** Source of chance with a seed; each in [0, 1). */
export interface Random {
  next(): number;
}

/** The content of a file. Bytes never written read as zeros and take no memory. */
class FileImage {
  size = 0;
  #bytes = new Uint8Array(0);

  read(position: number, into: Uint8Array): number {
    const count = Math.max(0, Math.min(into.length, this.size - position));
    const held = this.#bytes.subarray(position, Math.min(position + count, this.#bytes.length));
    into.set(held);
    into.fill(0, held.length, count);
    return count;
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, Math.min(this.#bytes.length * 2, this.size)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    if (size < this.#bytes.length) this.#bytes = this.#bytes.slice(0, size);
    this.size = size;
  }

  copy(): FileImage {
    const image = new FileImage();
    image.#bytes = this.#bytes.slice();
    image.size = this.size;
    return image;
  }
}

type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number };

/**
 * A file on a simulated disk: what every reader sees, what a crash cannot take away, and the changes
 * between the two in the order they were made.
 */
export class SimulatedFile {
  live = new FileImage();
  durable = new FileImage();
  #pending: Change[] = [];
  /** How many changes were made durable or given up so far: numbers the pending ones. */
  #settled = 0;

  /** Number of the next change; a sync that starts now covers all below it. */
  get changes(): number {
    return this.#settled + this.#pending.length;
  }

  write(position: number, bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.live.write(position, copy);
    this.#pending.push({ kind: 'write', position, bytes: copy });
  }

  truncate(size: number): void {
    this.live.truncate(size);
    this.#pending.push({ kind: 'truncate', size });
  }

  /** Makes the changes numbered below `below` durable. */
  synced(below: number): void {
    for (const change of this.#take(below)) apply(this.durable, change);
  }

  /**
   * A failed sync: the system drops those changes from its list, so that no later sync writes them,
   * and any part of them may have reached the disk. Readers go on seeing them.
   */
  syncFailed(below: number, random: Random): void {
    applySome(this.durable, this.#take(below), random);
  }

  /** Power is lost: any part of what was pending is there, the rest is gone. */
  crash(random: Random): void {
    applySome(this.durable, this.#take(this.changes), random);
    this.live = this.durable.copy();
  }

  #take(below: number): Change[] {
    const taken = this.#pending.splice(0, Math.max(0, below - this.#settled));
    this.#settled += taken.length;
    return taken;
  }
}

function apply(image: FileImage, change: Change): void {
  if (change.kind === 'truncate') image.truncate(change.size);
  else image.write(change.position, change.bytes);
}

/**
 * Applies a random part of the changes, cut at sectors: nothing, all, all up to some sector, or each
 * sector by chance of its own, which is what a disk does that writes in any order it likes.
 */
function applySome(image: FileImage, changes: readonly Change[], random: Random): void {
  const mode = Math.floor(random.next() * 4);
  const pieces = changes.flatMap(cutAtSectors);
  const kept =
    mode === 0 ? 0 : mode === 1 ? pieces.length : Math.floor(random.next() * pieces.length);
  for (const [index, piece] of pieces.entries()) {
    if (mode === 3 ? random.next() < 0.5 : index < kept) apply(image, piece);
  }
}

function cutAtSectors(change: Change): Change[] {
  if (change.kind === 'truncate') return [change];
  const pieces: Change[] = [];
  for (let from = 0; from < change.bytes.length; ) {
    const position = change.position + from;
    const to = Math.min(from + sectorBytes - (position % sectorBytes), change.bytes.length);
    pieces.push({ kind: 'write', position, bytes: change.bytes.subarray(from, to) });
    from = to;
  }
  return pieces;
}
