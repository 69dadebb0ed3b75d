import {
  commandType,
  type HuntDefinition,
  messageType,
  outcome,
  type PublishedHunt,
  type Requirement,
} from '@hunt/rules';
import { type ModelMessage, timeExtra, timeOfExtra } from './model-message.ts';

/*
 * The rules of the hunt once more, as simply as they can be said: plain objects, one message at a
 * time, no regard for speed. It shares nothing with the engine's rules but their numbers and names.
 */

export interface TeamModel {
  points: number;
  penaltySeconds: number;
  lastScoreAt: number;
  members: string[];
  granted: number;
  steps: Map<number, { solved: boolean; wrong: number; coolUntil: number; hints: Set<number> }>;
  treasures: Map<number, { held: number; pending: number; reserved: boolean }>;
}

interface HuntModel {
  definition: HuntDefinition;
  accepted: readonly (readonly string[])[];
  /** Room for steps and treasures, fixed by the first version. */
  readonly capacity: { steps: number; treasures: number };
  readonly teams: Map<string, TeamModel>;
  /** By item: how many are granted, and which reservations (number to team) stand. */
  readonly stock: Map<number, { granted: number; reserved: Map<number, string> }>;
  readonly players: Map<string, { team: string; joined: boolean }>;
}

/** What the model decides: an outcome, and messages to other partitions or its own. */
export interface ModelOutput {
  status: number;
  code: number;
  a: number;
  b: number;
  readonly sent: { readonly to: 'team' | 'player' | 'item'; readonly message: ModelMessage }[];
}

export class PartitionModel {
  readonly hunts = new Map<string, HuntModel>();
  #reservations = 0;

  decide(message: ModelMessage, published: PublishedHunt | undefined, out: ModelOutput): void {
    const accept = (code: number, a = 0, b = 0) => Object.assign(out, { status: 0, code, a, b });
    const reject = (code: number, a = 0, b = 0) => Object.assign(out, { status: 1, code, a, b });
    const send = (to: 'team' | 'player' | 'item', type: number, changes: Partial<ModelMessage>) =>
      out.sent.push({
        to,
        message: { ...message, detail: 0, value: 0, commandId: '', ...changes, type },
      });
    if (message.type === commandType.publishHunt) {
      this.#publish(message.hunt, published!, accept, reject);
      return;
    }
    const hunt = this.hunts.get(message.hunt);
    if (!hunt) {
      reject(outcome.huntUnknown);
      return;
    }
    const { definition } = hunt;
    const team = hunt.teams.get(message.team);
    const { item, detail, receivedAt } = message;
    switch (message.type) {
      case commandType.registerTeam:
        if (!team) hunt.teams.set(message.team, newTeam());
        return accept(outcome.registered), undefined;
      case commandType.joinTeam:
        return this.#join(message, hunt, accept, reject, send);
      case messageType.addMember: {
        const room = team && team.members.length < definition.teamSize;
        if (room) team.members.push(message.player);
        const answer = !team ? outcome.teamUnknown : room ? outcome.joined : outcome.teamFull;
        send('player', messageType.memberAnswered, { item: 0, detail: answer });
        return;
      }
      case messageType.memberAnswered:
        if (detail === outcome.joined) {
          hunt.players.get(message.player)!.joined = true;
          accept(detail);
        } else {
          hunt.players.delete(message.player);
          reject(detail);
        }
        return;
      case messageType.claimStock:
        return this.#claimStock(message, hunt, send);
      case messageType.collectStock:
        return this.#collectStock(message, hunt, send);
      case messageType.expireReservation: {
        const stock = stockOf(hunt, item);
        if (!stock.reserved.delete(message.value)) return;
        send('team', messageType.reservationLapsed, { extra: '00'.repeat(16) });
        return;
      }
      case messageType.claimSettled:
        return this.#claimSettled(message, hunt, team!, accept, reject);
      case messageType.collectSettled: {
        const treasure = treasureOf(team!, item);
        if (detail === outcome.collected) {
          treasure.reserved = false;
          treasure.held += 1;
          team!.granted += 1;
          accept(detail, item, message.value);
        } else reject(detail, item, message.value);
        return;
      }
      case messageType.reservationLapsed:
        if (team) treasureOf(team, item).reserved = false;
        return;
    }
    if (receivedAt < definition.opensAt) return reject(outcome.huntNotOpen), undefined;
    if (receivedAt >= definition.closesAt) return reject(outcome.huntClosed), undefined;
    if (!team) return reject(outcome.teamUnknown), undefined;
    if (message.type === commandType.claimTreasure) {
      return claim(message, hunt, team, accept, reject, send);
    }
    if (message.type === commandType.collectTreasure) {
      if (!definition.treasures[item]) return reject(outcome.treasureUnknown), undefined;
      if (!treasureOf(team, item).reserved) return reject(outcome.nothingReserved, item), undefined;
      accept(outcome.collectPending, item);
      send('item', messageType.collectStock, { extra: message.commandId });
      return;
    }
    if (message.type === commandType.takeHint) return takeHint(message, hunt, team, accept, reject);
    attempt(message, hunt, team, accept, reject, send);
  }

  #publish(id: string, { definition, accepted }: PublishedHunt, accept: Tell, reject: Tell): void {
    const hunt = this.hunts.get(id);
    if (!hunt) {
      const { steps, treasures } = definition;
      const used = steps.length + treasures.length;
      const total = Math.ceil((used + 1) / 8) * 8;
      const spare = Math.ceil((total - used) / 2);
      const capacity = { steps: steps.length + spare, treasures: total - steps.length - spare };
      const [teams, stock, players] = [new Map(), new Map(), new Map()];
      this.hunts.set(id, { definition, accepted, capacity, teams, stock, players });
      accept(outcome.published);
      return;
    }
    const before = hunt.definition;
    if (definition.contentHash === before.contentHash) accept(outcome.published);
    else if (definition.version <= before.version) reject(outcome.definitionOutdated);
    else if (
      definition.teamSize !== before.teamSize ||
      definition.steps.length > hunt.capacity.steps ||
      definition.treasures.length > hunt.capacity.treasures ||
      before.steps.some((step, index) => definition.steps[index]?.id !== step.id) ||
      before.treasures.some((treasure, index) => definition.treasures[index]?.id !== treasure.id)
    ) {
      reject(outcome.definitionIncompatible);
    } else {
      hunt.definition = definition;
      hunt.accepted = accepted;
      accept(outcome.published);
    }
  }

  #join(message: ModelMessage, hunt: HuntModel, accept: Tell, reject: Tell, send: Send): void {
    if (hunt.definition.teamSize === 1) return void reject(outcome.notATeamHunt);
    const player = hunt.players.get(message.player);
    if (player && player.team !== message.team) return void reject(outcome.alreadyInTeam);
    if (player) return void accept(player.joined ? outcome.joined : outcome.joinPending);
    hunt.players.set(message.player, { team: message.team, joined: false });
    accept(outcome.joinPending);
    send('team', messageType.addMember, { item: 0, extra: message.commandId });
  }

  #claimStock(message: ModelMessage, hunt: HuntModel, send: Send): void {
    const { item } = message;
    const stock = stockOf(hunt, item);
    const treasure = hunt.definition.treasures[item];
    const available = item >= hunt.capacity.treasures ? 1 : (treasure?.stock ?? 0);
    const settle = (detail: number, value: number, reservation = '00'.repeat(8)) =>
      send('team', messageType.claimSettled, {
        ...{ detail, value, extra: message.extra + reservation },
      });
    if (stock.granted + stock.reserved.size >= available) settle(outcome.soldOut, 0);
    else if (treasure && treasure.reservationMs > 0) {
      this.#reservations += 1;
      stock.reserved.set(this.#reservations, message.team);
      settle(outcome.reserved, Math.ceil(treasure.reservationMs / 1000), 'any');
    } else {
      stock.granted += 1;
      settle(outcome.granted, stock.granted);
    }
  }

  #collectStock(message: ModelMessage, hunt: HuntModel, send: Send): void {
    const stock = stockOf(hunt, message.item);
    const mine = [...stock.reserved].find(([, team]) => team === message.team);
    const settle = (detail: number, value: number) =>
      send('team', messageType.collectSettled, {
        ...{ detail, value, extra: message.extra + '00'.repeat(8) },
      });
    if (!mine) return void settle(outcome.reservationGone, 0);
    stock.reserved.delete(mine[0]);
    stock.granted += 1;
    settle(outcome.collected, stock.granted);
  }

  #claimSettled(
    message: ModelMessage,
    hunt: HuntModel,
    team: TeamModel,
    accept: Tell,
    reject: Tell,
  ): void {
    const { item, detail, value } = message;
    if (item >= hunt.capacity.treasures) {
      const step = item - hunt.capacity.treasures;
      if (detail !== outcome.granted) return;
      score(team, hunt.definition.steps[step]?.bonus ?? 0, timeOfExtra(message.extra));
      return;
    }
    const treasure = treasureOf(team, item);
    treasure.pending -= 1;
    if (detail === outcome.granted) {
      treasure.held += 1;
      team.granted += 1;
    }
    if (detail === outcome.reserved) treasure.reserved = true;
    if (detail === outcome.soldOut) reject(detail, item, value);
    else accept(detail, item, value);
  }
}

type Tell = (code: number, a?: number, b?: number) => void;
type Send = (
  to: 'team' | 'player' | 'item',
  type: number,
  changes: Partial<ModelMessage>,
) => void;

function newTeam(): TeamModel {
  return {
    ...{ points: 0, penaltySeconds: 0, lastScoreAt: 0, members: [], granted: 0 },
    ...{ steps: new Map(), treasures: new Map() },
  };
}

export function stepOf(team: TeamModel, step: number) {
  let found = team.steps.get(step);
  if (!found) {
    found = { solved: false, wrong: 0, coolUntil: 0, hints: new Set() };
    team.steps.set(step, found);
  }
  return found;
}

export function treasureOf(team: TeamModel, item: number) {
  let found = team.treasures.get(item);
  if (!found) {
    found = { held: 0, pending: 0, reserved: false };
    team.treasures.set(item, found);
  }
  return found;
}

export function stockOf(hunt: HuntModel, item: number) {
  let found = hunt.stock.get(item);
  if (!found) {
    found = { granted: 0, reserved: new Map() };
    hunt.stock.set(item, found);
  }
  return found;
}

function score(team: TeamModel, points: number, at: number): void {
  team.points += points;
  team.lastScoreAt = Math.max(team.lastScoreAt, at);
}

function isMet(requirement: Requirement | null, team: TeamModel): boolean {
  if (!requirement) return true;
  const met = requirement.items.filter((item) =>
    typeof item === 'number' ? stepOf(team, item).solved : isMet(item, team),
  );
  return met.length >= requirement.count;
}

function claim(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel,
  accept: Tell,
  reject: Tell,
  send: Send,
): void {
  const { item } = message;
  const treasure = hunt.definition.treasures[item];
  if (!treasure) return reject(outcome.treasureUnknown);
  if (!isMet(treasure.requires, team)) return reject(outcome.treasureNotOpen);
  const own = treasureOf(team, item);
  const asked = own.held + own.pending + (own.reserved ? 1 : 0);
  const busy = own.reserved || (treasure.reservationMs > 0 && own.pending > 0);
  if (asked >= treasure.perTeam || busy) {
    return reject(outcome.treasureLimitReached, asked, treasure.perTeam);
  }
  own.pending += 1;
  accept(outcome.claimPending, item);
  send('item', messageType.claimStock, { extra: message.commandId });
}

function takeHint(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel,
  accept: Tell,
  reject: Tell,
): void {
  const { item, detail } = message;
  const step = hunt.definition.steps[item];
  if (!step) return reject(outcome.stepUnknown);
  const hint = step.hints[detail];
  if (!hint) return reject(outcome.hintUnknown);
  if (!isMet(step.requires, team)) return reject(outcome.stepNotOpen);
  const own = stepOf(team, item);
  if (own.solved) return reject(outcome.alreadySolved);
  if (own.hints.has(detail)) return reject(outcome.hintAlreadyTaken);
  own.hints.add(detail);
  team.points -= hint.cost;
  accept(outcome.hintTaken, hint.cost, team.points);
}

const kindOf: Record<number, string> = {
  [commandType.submitAnswer]: 'answer',
  [commandType.scanCode]: 'scan',
  [commandType.checkIn]: 'place',
};

function attempt(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel,
  accept: Tell,
  reject: Tell,
  send: Send,
): void {
  const { item, receivedAt, detail, value } = message;
  const { opensAt, steps } = hunt.definition;
  const step = steps[item];
  if (!step) return reject(outcome.stepUnknown);
  if (step.kind !== kindOf[message.type]) return reject(outcome.stepOfOtherKind);
  const own = stepOf(team, item);
  if (own.solved) return reject(outcome.alreadySolved);
  if (!isMet(step.requires, team)) return reject(outcome.stepNotOpen);
  if (own.coolUntil > receivedAt) {
    return reject(outcome.coolingDown, Math.ceil((own.coolUntil - receivedAt) / 1000));
  }
  if (step.place) {
    const { accuracyLimitMeters, radiusMeters } = step.place;
    if (detail > accuracyLimitMeters) return accept(outcome.tooCoarse, detail, accuracyLimitMeters);
    if (value > radiusMeters + detail) return accept(outcome.tooFar, value, radiusMeters);
  } else if (!hunt.accepted[item]!.includes(message.extra)) {
    own.wrong += 1;
    team.points -= step.deduct;
    // Cool-downs end at whole seconds since the opening.
    const seconds = Math.ceil((receivedAt + step.coolDownMs - opensAt) / 1000);
    own.coolUntil = step.coolDownMs > 0 ? opensAt + seconds * 1000 : 0;
    return accept(outcome.wrong, own.wrong, Math.ceil(step.coolDownMs / 1000));
  }
  own.solved = true;
  score(team, step.points, receivedAt);
  const seconds = Math.floor((receivedAt - opensAt) / 1000);
  team.penaltySeconds += seconds + own.wrong * step.wrongPenaltySeconds;
  accept(outcome.solved, step.points, team.points);
  if (step.bonus > 0) {
    const bonusItem = hunt.capacity.treasures + item;
    send('item', messageType.claimStock, { item: bonusItem, extra: timeExtra(receivedAt) });
  }
}
