import type { HuntDefinition } from '../definition/hunt-definition.ts';
import { partitionOf } from '../subject/partition-of.ts';
import type { Id } from '../subject/subject.ts';
import type { PublishedHunt } from './published-hunt.ts';

/** Slots of a team's progress per row of the `slots` table. */
export const slotsPerRow = 8;

/** How many steps and treasures a hunt has room for, fixed when it is first published. */
export interface HuntCapacity {
  readonly steps: number;
  readonly treasures: number;
}

/** Rounds up to whole rows of slots, so that later versions may add a few steps and treasures. */
export function capacityOf(definition: HuntDefinition): HuntCapacity {
  const { steps, treasures } = definition;
  const used = steps.length + treasures.length;
  const total = Math.ceil((used + 1) / slotsPerRow) * slotsPerRow;
  const spareSteps = Math.ceil((total - used) / 2);
  return { steps: steps.length + spareSteps, treasures: total - steps.length - spareSteps };
}

/** A published hunt ready for quick decisions: derived from its JSON in the state. */
export class LiveHunt {
  readonly id: Id;
  /** Row in the `hunts` table. */
  readonly row: number;
  readonly definition: HuntDefinition;
  readonly capacity: HuntCapacity;
  /** First row of its treasures in the `treasures` table; first-solver bonuses follow, by step. */
  readonly firstTreasureRow: number;
  readonly slotRows: number;
  /** Accepted hashes by step, four words each. */
  readonly #accepted: Int32Array[];
  readonly #partitionCount: number;

  constructor(
    id: Id,
    row: number,
    published: PublishedHunt,
    capacity: HuntCapacity,
    firstTreasureRow: number,
    partitionCount: number,
  ) {
    this.id = id;
    this.row = row;
    this.definition = published.definition;
    this.capacity = capacity;
    this.firstTreasureRow = firstTreasureRow;
    this.slotRows = (capacity.steps + capacity.treasures) / slotsPerRow;
    this.#accepted = published.accepted.map(hashWords);
    this.#partitionCount = partitionCount;
  }

  /** Whether the 16 bytes at `start` are one of the step's accepted hashes. */
  accepts(step: number, view: DataView, start: number): boolean {
    const words = this.#accepted[step]!;
    for (let index = 0; index < words.length; index += 4) {
      if (
        words[index] === view.getInt32(start, true) &&
        words[index + 1] === view.getInt32(start + 4, true) &&
        words[index + 2] === view.getInt32(start + 8, true) &&
        words[index + 3] === view.getInt32(start + 12, true)
      ) {
        return true;
      }
    }
    return false;
  }

  /** Number under which the first-solver bonus of a step is claimed, like a treasure. */
  bonusItem(step: number): number {
    return this.capacity.treasures + step;
  }

  partitionOfItem(item: number): number {
    return partitionOf(this.#partitionCount, this.id.low, this.id.high, item, 0);
  }

  partitionOfTeam(low: number, high: number): number {
    return partitionOf(this.#partitionCount, this.id.low, this.id.high, low, high);
  }
}

function hashWords(hashes: readonly string[]): Int32Array {
  const bytes = Buffer.from(hashes.join(''), 'hex');
  const words = new Int32Array(bytes.length / 4);
  for (let index = 0; index < words.length; index++) words[index] = bytes.readInt32LE(index * 4);
  return words;
}
