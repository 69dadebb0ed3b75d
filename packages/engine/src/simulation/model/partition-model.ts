import { commandType, messageType, outcome, type PublishedHunt } from '@hunt/rules';
import {
  type HuntModel,
  newHunt,
  newTeam,
  score,
  stockOf,
  type TeamModel,
  treasureOf,
} from './hunt-state.ts';
import { type ModelMessage, timeOfExtra } from './model-message.ts';
import type { ModelReply } from './model-reply.ts';
import { playerAsks } from './team-model.ts';

/** 16 bytes that say nothing, and 8. */
const noExtra = '00'.repeat(16);
const noReservation = '00'.repeat(8);

/**
 * The rules of the hunt once more, as simply as they can be said: plain objects, one message at a
 * time, no regard for speed. It shares nothing with the engine's rules but their numbers and names.
 */
export class PartitionModel {
  readonly hunts = new Map<string, HuntModel>();
  #reservations = 0;

  decide(message: ModelMessage, published: PublishedHunt | undefined, reply: ModelReply): void {
    const hunt = this.hunts.get(message.hunt);
    if (message.type === commandType.publishHunt) {
      this.#publish(message.hunt, hunt, published!, reply);
    } else if (!hunt) reply.reject(outcome.huntUnknown);
    else if (message.type >= messageType.addMember) this.#hear(message, hunt, reply);
    else ask(message, hunt, reply);
  }

  #publish(
    id: string,
    hunt: HuntModel | undefined,
    published: PublishedHunt,
    reply: ModelReply,
  ): void {
    const { definition, accepted } = published;
    const before = hunt?.definition;
    if (!hunt || !before) {
      this.hunts.set(id, newHunt(published));
      reply.accept(outcome.published);
    } else if (definition.contentHash === before.contentHash) reply.accept(outcome.published);
    else if (definition.version <= before.version) reply.reject(outcome.definitionOutdated);
    else if (
      definition.teamSize !== before.teamSize ||
      definition.steps.length > hunt.capacity.steps ||
      definition.treasures.length > hunt.capacity.treasures ||
      before.steps.some((step, index) => definition.steps[index]?.id !== step.id) ||
      before.treasures.some((treasure, index) => definition.treasures[index]?.id !== treasure.id)
    ) {
      reply.reject(outcome.definitionIncompatible);
    } else {
      hunt.definition = definition;
      hunt.accepted = accepted;
      reply.accept(outcome.published);
    }
  }

  /** A message from another partition, or a timer. */
  #hear(message: ModelMessage, hunt: HuntModel, reply: ModelReply): void {
    const team = hunt.teams.get(message.team);
    if (message.type === messageType.addMember) addMember(message, hunt, team, reply);
    else if (message.type === messageType.memberAnswered) memberAnswered(message, hunt, reply);
    else if (message.type === messageType.claimStock) this.#claimStock(message, hunt, reply);
    else if (message.type === messageType.collectStock) collectStock(message, hunt, reply);
    else if (message.type === messageType.claimSettled) claimSettled(message, hunt, team!, reply);
    else if (message.type === messageType.collectSettled) collectSettled(message, team!, reply);
    else if (message.type === messageType.reservationLapsed) {
      treasureOf(team!, message.item).reserved = false;
    } else if (stockOf(hunt, message.item).reserved.delete(message.value)) {
      reply.send('team', messageType.reservationLapsed, message, { extra: noExtra });
    }
  }

  #claimStock(message: ModelMessage, hunt: HuntModel, reply: ModelReply): void {
    const { item } = message;
    const stock = stockOf(hunt, item);
    const treasure = hunt.definition.treasures[item];
    const available = item >= hunt.capacity.treasures ? 1 : (treasure?.stock ?? 0);
    let answer: number = outcome.soldOut;
    let value = 0;
    if (stock.granted + stock.reserved.size < available) {
      if (treasure && treasure.reservationMs > 0) {
        this.#reservations += 1;
        stock.reserved.set(this.#reservations, message.team);
        answer = outcome.reserved;
        value = Math.ceil(treasure.reservationMs / 1000);
      } else {
        stock.granted += 1;
        answer = outcome.granted;
        value = stock.granted;
      }
    }
    const settled = { detail: answer, value, extra: message.extra + noReservation };
    reply.send('team', messageType.claimSettled, message, settled);
  }
}

function ask(message: ModelMessage, hunt: HuntModel, reply: ModelReply): void {
  const team = hunt.teams.get(message.team);
  const { opensAt, closesAt } = hunt.definition;
  if (message.type === commandType.registerTeam) {
    if (!team) hunt.teams.set(message.team, newTeam());
    reply.accept(outcome.registered);
  } else if (message.type === commandType.joinTeam) join(message, hunt, reply);
  else if (message.receivedAt < opensAt) reply.reject(outcome.huntNotOpen);
  else if (message.receivedAt >= closesAt) reply.reject(outcome.huntClosed);
  else if (!team) reply.reject(outcome.teamUnknown);
  else playerAsks(message, hunt, team, reply);
}

function join(message: ModelMessage, hunt: HuntModel, reply: ModelReply): void {
  const player = hunt.players.get(message.player);
  if (hunt.definition.teamSize === 1) reply.reject(outcome.notATeamHunt);
  else if (player && player.team !== message.team) reply.reject(outcome.alreadyInTeam);
  else if (player) reply.accept(player.joined ? outcome.joined : outcome.joinPending);
  else {
    hunt.players.set(message.player, { team: message.team, joined: false });
    reply.accept(outcome.joinPending);
    const asked = { item: 0, extra: message.commandId };
    reply.send('team', messageType.addMember, message, asked);
  }
}

function addMember(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel | undefined,
  reply: ModelReply,
): void {
  let answer: number = outcome.teamUnknown;
  if (team) {
    const hasRoom = team.members.length < hunt.definition.teamSize;
    answer = hasRoom ? outcome.joined : outcome.teamFull;
    if (hasRoom) team.members.push(message.player);
  }
  reply.send('player', messageType.memberAnswered, message, { item: 0, detail: answer });
}

function memberAnswered(message: ModelMessage, hunt: HuntModel, reply: ModelReply): void {
  if (message.detail === outcome.joined) {
    hunt.players.get(message.player)!.joined = true;
    reply.accept(message.detail);
  } else {
    hunt.players.delete(message.player);
    reply.reject(message.detail);
  }
}

function collectStock(message: ModelMessage, hunt: HuntModel, reply: ModelReply): void {
  const stock = stockOf(hunt, message.item);
  const mine = [...stock.reserved].find(([, team]) => team === message.team);
  const settled: { detail: number; value: number } = { detail: outcome.reservationGone, value: 0 };
  if (mine) {
    stock.reserved.delete(mine[0]);
    stock.granted += 1;
    settled.detail = outcome.collected;
    settled.value = stock.granted;
  }
  const extra = message.extra + noReservation;
  reply.send('team', messageType.collectSettled, message, { ...settled, extra });
}

function claimSettled(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel,
  reply: ModelReply,
): void {
  const { item, detail, value } = message;
  if (item >= hunt.capacity.treasures) {
    const step = hunt.definition.steps[item - hunt.capacity.treasures];
    if (detail === outcome.granted) score(team, step?.bonus ?? 0, timeOfExtra(message.extra));
    return;
  }
  const treasure = treasureOf(team, item);
  treasure.pending -= 1;
  if (detail === outcome.granted) treasure.held += 1;
  if (detail === outcome.reserved) treasure.reserved = true;
  if (detail === outcome.soldOut) reply.reject(detail, item, value);
  else reply.accept(detail, item, value);
}

function collectSettled(message: ModelMessage, team: TeamModel, reply: ModelReply): void {
  const { item, detail, value } = message;
  if (detail !== outcome.collected) {
    reply.reject(detail, item, value);
    return;
  }
  const treasure = treasureOf(team, item);
  treasure.reserved = false;
  treasure.held += 1;
  reply.accept(detail, item, value);
}
