import {
  addCommand,
  commandType,
  huntIdOf,
  type Id,
  noId,
  type PublishedHunt,
  partitionOf,
  publicationOf,
  type SubjectCommand,
} from '@hunt/rules';
import type { CommandRecordBuilder } from 'veltrix';
import { SeededRandom } from 'veltrix/simulator';
import { drawHunt, drawVersion } from './hunt-generator.ts';

/** A command as its sender has it; a retry is the same object again. */
export interface CrowdCommand {
  readonly partition: number;
  readonly command: Omit<SubjectCommand, 'receivedAt'>;
}

export interface CrowdHunt {
  readonly id: Id;
  published: PublishedHunt;
  readonly teams: readonly Id[];
  readonly players: readonly Id[];
}

/** Hunts and the people in them: draws what they do next. */
export class Crowd {
  readonly hunts: CrowdHunt[] = [];
  readonly #random: SeededRandom;
  readonly #partitionCount: number;
  readonly #ids: Uint8Array[][] = [];

  constructor(seed: number, partitionCount: number) {
    this.#random = new SeededRandom(seed, 20);
    this.#partitionCount = partitionCount;
    for (let left = this.#random.pick([1, 1, 2]); left > 0; left--) this.#addHunt();
  }

  #addHunt(): void {
    const name = `hunt-${this.hunts.length}`;
    const published = drawHunt(this.#random, name);
    const id = () => ({ low: this.#random.bits(), high: this.#random.bits() });
    const teams = Array.from({ length: this.#random.between(2, 5) }, id);
    const players = published.definition.teamSize === 1 ? teams : Array.from({ length: 6 }, id);
    this.hunts.push({ id: huntIdOf(name), published, teams, players });
  }

  /** One command per partition; all have the same id. */
  publish(hunt: CrowdHunt): CrowdCommand[] {
    const command = { ...publicationOf(hunt.published), commandId: this.#random.bytes(16) };
    return Array.from({ length: this.#partitionCount }, (_, partition) => ({ partition, command }));
  }

  /** Registers every team of a hunt. */
  register(hunt: CrowdHunt): CrowdCommand[] {
    return hunt.teams.map((team) => ({
      partition: this.#partitionOf(hunt, team),
      command: {
        ...{ type: commandType.registerTeam, commandId: this.#random.bytes(16) },
        ...{ hunt: hunt.id, team, player: noId },
      },
    }));
  }

  /** A later version of a hunt, to all partitions. */
  revise(): CrowdCommand[] {
    const hunt = this.#random.pick(this.hunts);
    const before = hunt.published;
    hunt.published = drawVersion(this.#random, before);
    const commands = this.publish(hunt);
    // The people play what is surely there, whether the version is taken or not.
    hunt.published = before;
    return commands;
  }

  /** What somebody does next: mostly sensible, sometimes not. */
  act(): CrowdCommand {
    const random = this.#random;
    const hunt = random.pick(this.hunts);
    const { definition } = hunt.published;
    const nobody = { low: 1, high: this.hunts.indexOf(hunt) };
    const team = random.chance(0.02) ? nobody : random.pick(hunt.teams);
    const player = random.pick(hunt.players);
    const steps = definition.steps.length;
    const treasure = random.between(0, definition.treasures.length - (random.chance(0.95) ? 1 : 0));
    const step = random.between(0, steps - (random.chance(0.95) ? 1 : 0));
    const base = { hunt: hunt.id, team, player };
    const to = (
      command: Omit<SubjectCommand, 'receivedAt' | 'commandId'>,
      subjectId = team,
    ): CrowdCommand => {
      const partition = this.#partitionOf(hunt, subjectId);
      return { partition, command: { ...command, commandId: this.#commandId(partition) } };
    };
    const choice = random.between(0, 20);
    if (choice <= 9) return to({ ...base, ...this.#attempt(hunt, step) });
    if (choice <= 11) {
      const detail = random.between(0, 2);
      return to({ ...base, type: commandType.takeHint, item: step, detail });
    }
    if (choice <= 15) return to({ ...base, type: commandType.claimTreasure, item: treasure });
    if (choice <= 18) return to({ ...base, type: commandType.collectTreasure, item: treasure });
    if (choice === 19) return to({ ...base, type: commandType.joinTeam }, player);
    return to({ ...base, type: commandType.registerTeam });
  }

  #attempt(hunt: CrowdHunt, item: number): Pick<SubjectCommand, 'type' | 'item' | 'extra'> {
    const random = this.#random;
    const kind = hunt.published.definition.steps[item]?.kind;
    const type =
      kind === 'place' || random.chance(0.03)
        ? commandType.checkIn
        : kind === 'scan'
          ? commandType.scanCode
          : commandType.submitAnswer;
    if (type === commandType.checkIn) {
      const where = { value: random.between(0, 160), detail: random.between(0, 120) };
      return { type, item, ...where };
    }
    const right = hunt.published.accepted[item] ?? [];
    const extra =
      right.length > 0 && random.chance(0.6)
        ? Uint8Array.from(Buffer.from(random.pick(right), 'hex'))
        : random.bytes(16);
    return { type, item, extra };
  }

  #partitionOf(hunt: CrowdHunt, { low, high }: Id): number {
    return partitionOf(this.#partitionCount, hunt.id.low, hunt.id.high, low, high);
  }

  /** A new id, or by mistake one that was used on this partition before. */
  #commandId(partition: number): Uint8Array {
    this.#ids[partition] ??= [];
    const used = this.#ids[partition];
    if (used.length > 0 && this.#random.chance(0.1)) return this.#random.pick(used);
    const id = this.#random.bytes(16);
    used.push(id);
    return id;
  }
}

/** Writes a command as the gateway does, with the time at which it came in. */
export function writeCrowdCommand(receivedAt: number) {
  return (builder: CommandRecordBuilder, { command }: CrowdCommand): void => {
    addCommand(builder, { ...command, receivedAt });
  };
}
