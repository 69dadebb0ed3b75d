import { commandType, messageType, outcome } from '@hunt/rules';
import { type HuntModel, isMet, score, stepOf, type TeamModel, treasureOf } from './hunt-state.ts';
import { type ModelMessage, timeExtra } from './model-message.ts';
import type { ModelReply } from './model-reply.ts';

const kindOf = new Map<number, string>([
  [commandType.submitAnswer, 'answer'],
  [commandType.scanCode, 'scan'],
  [commandType.checkIn, 'place'],
]);

/** What a player of a team asks for in an open hunt. */
export function playerAsks(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel,
  reply: ModelReply,
): void {
  if (message.type === commandType.claimTreasure) claim(message, hunt, team, reply);
  else if (message.type === commandType.collectTreasure) collect(message, hunt, team, reply);
  else if (message.type === commandType.takeHint) takeHint(message, hunt, team, reply);
  else attempt(message, hunt, team, reply);
}

function claim(message: ModelMessage, hunt: HuntModel, team: TeamModel, reply: ModelReply): void {
  const { item } = message;
  const treasure = hunt.definition.treasures[item];
  const own = treasureOf(team, item);
  const asked = own.held + own.pending + (own.reserved ? 1 : 0);
  if (!treasure) reply.reject(outcome.treasureUnknown);
  else if (!isMet(treasure.requires, team)) reply.reject(outcome.treasureNotOpen);
  else if (
    asked >= treasure.perTeam ||
    own.reserved ||
    (treasure.reservationMs > 0 && own.pending > 0)
  ) {
    reply.reject(outcome.treasureLimitReached, asked, treasure.perTeam);
  } else {
    own.pending += 1;
    reply.accept(outcome.claimPending, item);
    reply.send('item', messageType.claimStock, message, { extra: message.commandId });
  }
}

function collect(message: ModelMessage, hunt: HuntModel, team: TeamModel, reply: ModelReply): void {
  const { item } = message;
  if (!hunt.definition.treasures[item]) reply.reject(outcome.treasureUnknown);
  else if (!treasureOf(team, item).reserved) reply.reject(outcome.nothingReserved, item);
  else {
    reply.accept(outcome.collectPending, item);
    reply.send('item', messageType.collectStock, message, { extra: message.commandId });
  }
}

function takeHint(
  message: ModelMessage,
  hunt: HuntModel,
  team: TeamModel,
  reply: ModelReply,
): void {
  const { item, detail } = message;
  const step = hunt.definition.steps[item];
  const hint = step?.hints[detail];
  const own = stepOf(team, item);
  if (!step) reply.reject(outcome.stepUnknown);
  else if (!hint) reply.reject(outcome.hintUnknown);
  else if (!isMet(step.requires, team)) reply.reject(outcome.stepNotOpen);
  else if (own.solved) reply.reject(outcome.alreadySolved);
  else if (own.hints.has(detail)) reply.reject(outcome.hintAlreadyTaken);
  else {
    own.hints.add(detail);
    team.points -= hint.cost;
    reply.accept(outcome.hintTaken, hint.cost, team.points);
  }
}

function attempt(message: ModelMessage, hunt: HuntModel, team: TeamModel, reply: ModelReply): void {
  const { item, receivedAt, detail, value } = message;
  const step = hunt.definition.steps[item];
  const own = stepOf(team, item);
  if (!step) reply.reject(outcome.stepUnknown);
  else if (step.kind !== kindOf.get(message.type)) reply.reject(outcome.stepOfOtherKind);
  else if (own.solved) reply.reject(outcome.alreadySolved);
  else if (!isMet(step.requires, team)) reply.reject(outcome.stepNotOpen);
  else if (own.coolUntil > receivedAt) {
    reply.reject(outcome.coolingDown, Math.ceil((own.coolUntil - receivedAt) / 1000));
  } else if (step.place && detail > step.place.accuracyLimitMeters) {
    reply.accept(outcome.tooCoarse, detail, step.place.accuracyLimitMeters);
  } else if (step.place && value > step.place.radiusMeters + detail) {
    reply.accept(outcome.tooFar, value, step.place.radiusMeters);
  } else if (step.place || hunt.accepted[item]!.includes(message.extra)) {
    solve(message, hunt, team, reply);
  } else {
    own.wrong += 1;
    team.points -= step.deduct;
    // Cool-downs end at whole quarters of a second since the opening.
    const { opensAt } = hunt.definition;
    const quarters = Math.floor((receivedAt + step.coolDownMs - opensAt) / 250);
    own.coolUntil = step.coolDownMs > 0 && quarters > 0 ? opensAt + quarters * 250 : 0;
    reply.accept(outcome.wrong, own.wrong, Math.ceil(step.coolDownMs / 1000));
  }
}

function solve(message: ModelMessage, hunt: HuntModel, team: TeamModel, reply: ModelReply): void {
  const { item, receivedAt } = message;
  const step = hunt.definition.steps[item]!;
  const own = stepOf(team, item);
  own.solved = true;
  score(team, step.points, receivedAt);
  const seconds = Math.floor((receivedAt - hunt.definition.opensAt) / 1000);
  team.penaltySeconds += seconds + own.wrong * step.wrongPenaltySeconds;
  reply.accept(outcome.solved, step.points, team.points);
  if (step.bonus === 0) return;
  const bonus = { item: hunt.capacity.treasures + item, extra: timeExtra(receivedAt) };
  reply.send('item', messageType.claimStock, message, bonus);
}
