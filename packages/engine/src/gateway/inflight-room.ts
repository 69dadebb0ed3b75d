/** How much may wait for its decision at once. */
interface RoomLimits {
  readonly inflightMaxCommands: number;
  readonly inflightMaxBytes: number;
}

/**
 * What waits for its decision, and whether there is room for more. What comes for a partition whose owner stands still
 * stays until it is decided, and would fill all the room there is. So each partition of several may hold as much as is
 * free, and no more: one that stands still ends up with half, two with a third each, and some always stays free for
 * the others. These are the dynamic thresholds of switches with shared memory, with a factor of 1 (Choudhury and Hahne,
 * 1998). Where there is one partition all the room is its own.
 */
export class InflightRoom {
  /** Commands sent or about to be, and not decided. */
  commands = 0;
  /** Their bytes. */
  bytes = 0;
  readonly #commandsOf: Float64Array;
  readonly #bytesOf: Float64Array;

  constructor(partitionCount: number) {
    this.#commandsOf = new Float64Array(partitionCount);
    this.#bytesOf = new Float64Array(partitionCount);
  }

  commandsOf(partition: number): number {
    return this.#commandsOf[partition]!;
  }

  bytesOf(partition: number): number {
    return this.#bytesOf[partition]!;
  }

  take(partition: number, commands: number, bytes: number): void {
    this.commands += commands;
    this.bytes += bytes;
    this.#commandsOf[partition]! += commands;
    this.#bytesOf[partition]! += bytes;
  }

  free(partition: number, commands: number, bytes: number): void {
    this.take(partition, -commands, -bytes);
  }

  /** Whether so many commands more may wait, whichever partitions they are for. */
  isThereFor(commands: number, limits: RoomLimits): boolean {
    const { inflightMaxCommands, inflightMaxBytes } = limits;
    return this.commands + commands <= inflightMaxCommands && this.bytes < inflightMaxBytes;
  }

  /** Whether a partition may hold so many commands more. */
  isShareFor(partition: number, commands: number, limits: RoomLimits): boolean {
    if (this.#commandsOf.length === 1) return true;
    return (
      this.commandsOf(partition) + commands <= this.shareOfCommands(limits) &&
      this.bytesOf(partition) < this.shareOfBytes(limits)
    );
  }

  /** How many commands each partition may hold. */
  shareOfCommands({ inflightMaxCommands }: RoomLimits): number {
    return Math.max(0, inflightMaxCommands - this.commands);
  }

  /** How many bytes each partition may hold. */
  shareOfBytes({ inflightMaxBytes }: RoomLimits): number {
    return Math.max(0, inflightMaxBytes - this.bytes);
  }
}
