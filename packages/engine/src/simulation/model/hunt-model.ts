import { commandType, idFromHex, messageType, type PublishedHunt, partitionOf } from '@hunt/rules';
import { type HuntFold, queryTeam, queryTreasure } from '@hunt/rules/fold';
import { type Checker, EffectiveCommands, SimulationFailure } from 'veltrix/simulator';
import { type HuntModel, stepOf, stockOf, treasureOf } from './hunt-state.ts';
import { type ModelMessage, readMessage } from './model-message.ts';
import { ModelReply } from './model-reply.ts';
import { PartitionModel } from './partition-model.ts';

const name = 'hunt-model';
/** Hexadecimal digits of a message's extra bytes that the model foresees: a command id or a time. */
const foreseenDigits = 32;

/** Folds of a world's processors by partition. */
export type FoldOf = (partition: number) => HuntFold;

/**
 * Plays the whole hunt again from the commands in log order, on plain objects, and holds against it
 * every outcome, every message between partitions and, in the end, the whole state.
 */
export class HuntModelChecker implements Checker {
  readonly name = name;
  readonly partitions: readonly PartitionModel[];
  readonly #foldOf: FoldOf;
  readonly #effective = new EffectiveCommands();
  /** Messages on their way, by what they say. */
  readonly #underWay = new Map<string, number>();

  constructor(partitionCount: number, foldOf: FoldOf) {
    this.partitions = Array.from({ length: partitionCount }, () => new PartitionModel());
    this.#foldOf = foldOf;
  }

  decided(partition: number, offset: number, events: Uint8Array, commands: Uint8Array): void {
    this.#effective.visit(events, commands, ({ type, receivedAt, payload, id, decision }) => {
      const message = readMessage(type, receivedAt, payload, id);
      if (type >= messageType.addMember && type !== messageType.expireReservation) {
        this.#receive(partition, message);
      }
      const expected = this.#decide(partition, message);
      const { status, code, a, b } = decision;
      const found = `${status} ${code} ${a} ${b}`;
      if (found === expected) return;
      throw new SimulationFailure(
        name,
        `partition ${partition}, events ${offset}, command ${decision.index}: outcome ${found}, should be ${expected}; ${JSON.stringify(message)}`,
      );
    });
  }

  /** Status, code and values that a command should get. Messages to the partition itself act at once. */
  #decide(partition: number, message: ModelMessage): string {
    const reply = new ModelReply();
    this.partitions[partition]!.decide(message, publishedOf(message), reply);
    for (let next = reply.sent.shift(); next; next = reply.sent.shift()) {
      const to = this.#partitionOf(next.to, next.message);
      if (to === partition) this.partitions[to]!.decide(next.message, undefined, reply);
      else {
        const key = keyOf(to, next.message);
        this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
      }
    }
    return reply.outcome;
  }

  #receive(partition: number, message: ModelMessage): void {
    const key = keyOf(partition, message);
    const count = this.#underWay.get(key) ?? 0;
    if (count === 0) throw new SimulationFailure(name, `nobody sent ${key}`);
    this.#underWay.set(key, count - 1);
  }

  #partitionOf(to: 'team' | 'player' | 'item', message: ModelMessage): number {
    const hunt = idFromHex(message.hunt)!;
    const item = to === 'item' ? { low: message.item, high: 0 } : idFromHex(message[to])!;
    return partitionOf(this.partitions.length, hunt.low, hunt.high, item.low, item.high);
  }

  /** The partitions' state against the model's. */
  ended(): void {
    for (const [key, count] of this.#underWay) {
      if (count > 0) throw new SimulationFailure(name, `${count} never came: ${key}`);
    }
    for (const [partition, model] of this.partitions.entries()) {
      for (const [huntId, hunt] of model.hunts) this.#compare(partition, huntId, hunt);
    }
  }

  #compare(partition: number, huntId: string, hunt: HuntModel): void {
    const { tables } = this.#foldOf(partition);
    const id = idFromHex(huntId)!;
    const { steps, treasures } = hunt.definition;
    for (const [teamId, team] of hunt.teams) {
      const expected = {
        points: team.points,
        penaltySeconds: team.penaltySeconds,
        lastScoreAt: team.lastScoreAt,
        members: team.members.length,
        steps: steps.map((_, step) => {
          const { solved, wrong, coolUntil, hints } = stepOf(team, step);
          return `${solved} ${wrong} ${solved ? 0 : coolUntil} ${[...hints].sort()}`;
        }),
        treasures: treasures.map((_, item) => ({ ...treasureOf(team, item) })),
      };
      const found = queryTeam(tables, id, idFromHex(teamId)!);
      const actual = found && {
        points: found.points,
        penaltySeconds: found.penaltySeconds,
        lastScoreAt: found.lastScoreAt,
        members: found.members,
        steps: found.steps.map(
          ({ solved, wrongAnswers, coolDownUntil, hints }) =>
            `${solved} ${wrongAnswers} ${coolDownUntil} ${hints}`,
        ),
        treasures: found.treasures.map(({ held, pending, reserved }) => ({
          ...{ held, pending, reserved: reserved === 1 },
        })),
      };
      same(`team ${teamId} of ${huntId}`, actual, expected);
    }
    for (const [item, treasure] of treasures.entries()) {
      if (partitionOf(this.partitions.length, id.low, id.high, item, 0) !== partition) continue;
      const stock = stockOf(hunt, item);
      same(`treasure ${item} of ${huntId}`, queryTreasure(tables, id, item), {
        ...{ stock: treasure.stock, granted: stock.granted, reserved: stock.reserved.size },
      });
    }
  }
}

function same(what: string, found: unknown, expected: unknown): void {
  const [x, y] = [JSON.stringify(found), JSON.stringify(expected)];
  if (x !== y) throw new SimulationFailure(name, `${what} is ${x}, should be ${y}`);
}

function keyOf(to: number, message: ModelMessage): string {
  const { type, hunt, team, player, item, detail, extra } = message;
  // Which reservation is collected is named by its row, which only the engine knows.
  const value = type === messageType.collectStock ? 0 : message.value;
  const what = [type, hunt, team, player, item, detail, value, extra.slice(0, foreseenDigits)];
  return `to ${to}: ${what.join(' ')}`;
}

function publishedOf({ type, value, extra }: ModelMessage): PublishedHunt | undefined {
  if (type !== commandType.publishHunt) return undefined;
  const json = Buffer.from(extra, 'hex').subarray(0, value);
  return JSON.parse(json.toString('utf8')) as PublishedHunt;
}
