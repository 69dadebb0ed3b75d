import type { CommandView, Decision } from 'veltrix';
import { eventType, messageType, type OutcomeCode, outcome } from '../fold/codes.ts';
import { type HuntTables, playerColumn, playerState, teamColumn } from '../fold/hunt-tables.ts';
import { findHuntOf, partitionOfPlayer, teamRowOf } from '../fold/lookup.ts';
import { anyHunt } from '../hunt/window.ts';
import { copyExtra, eventAbout, extraBytes, messageAbout, subject } from '../subject/subject.ts';

/**
 * A player asks to join a team, at the player's own partition, so that nobody is in two teams. The
 * team's partition says whether there is room; until then the player is joining and may not try another.
 */
export function decideJoinTeam(tables: HuntTables, command: CommandView, decision: Decision): void {
  const hunt = anyHunt(tables, command, decision);
  if (hunt === undefined) return;
  if (hunt.definition.teamSize === 1) return decision.reject(outcome.notATeamHunt);
  const { view, payloadStart } = command;
  const teamLow = subject.teamLow(view, payloadStart);
  const teamHigh = subject.teamHigh(view, payloadStart);
  const row = findPlayer(tables, command);
  if (row >= 0 && tables.player(row, playerColumn.state) !== playerState.free) {
    const sameTeam =
      tables.player(row, playerColumn.teamLow) === teamLow &&
      tables.player(row, playerColumn.teamHigh) === teamHigh;
    if (!sameTeam) return decision.reject(outcome.alreadyInTeam);
    const joined = tables.player(row, playerColumn.state) === playerState.joined;
    return decision.accept(joined ? outcome.joined : outcome.joinPending);
  }
  if (row < 0) tables.players.checkRoom(1);
  decision.accept(outcome.joinPending);
  eventAbout(decision, eventType.playerJoining, 1, command, [0, 0, 0]);
  const message = messageAbout(
    decision,
    hunt.partitionOfTeam(teamLow, teamHigh),
    messageType.addMember,
    command,
    [0, 0, 0],
  );
  copyExtra(decision.view, subject.extra(message), view, command.idStart);
}

/** Row of the player a command, message or event is about, or -1. */
export function findPlayer(
  tables: HuntTables,
  about: { readonly view: DataView; readonly payloadStart: number },
): number {
  return tables.playerIndex.find(
    subject.playerLow(about.view, about.payloadStart),
    subject.playerHigh(about.view, about.payloadStart),
  );
}

/** The team's side: takes the player in when there is room. Always answers, or the join would stay pending. */
export function decideAddMember(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const answer = membership(tables, message);
  if (answer === outcome.joined) {
    tables.members.checkRoom(1);
    eventAbout(decision, eventType.memberAdded, 1, message, [0, 0, 0]);
  }
  answerMember(tables, message, decision, answer);
}

/** Tells the player's side what came of a join; also where it could not be decided: the player is free again. */
export function answerMember(
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  answer: OutcomeCode,
): void {
  const { view, payloadStart } = message;
  const reply = messageAbout(
    decision,
    partitionOfPlayer(tables, message),
    messageType.memberAnswered,
    message,
    [0, answer, 0],
  );
  copyExtra(decision.view, subject.extra(reply), view, subject.extra(payloadStart));
}

function membership(tables: HuntTables, message: CommandView): OutcomeCode {
  const hunt = findHuntOf(tables, message);
  if (hunt === undefined) return outcome.huntUnknown;
  const row = teamRowOf(tables, hunt, message);
  if (row < 0) return outcome.teamUnknown;
  const isFull = tables.team(row, teamColumn.members) >= hunt.definition.teamSize;
  return isFull ? outcome.teamFull : outcome.joined;
}

/** The player's side again: the team has answered. */
export function decideMemberAnswered(
  _tables: HuntTables,
  message: CommandView,
  decision: Decision,
): void {
  const { view, payloadStart } = message;
  const answer = subject.detail(view, payloadStart);
  const joined = answer === outcome.joined;
  if (joined) decision.accept(answer);
  else decision.reject(answer);
  const event = eventAbout(
    decision,
    joined ? eventType.playerJoined : eventType.playerRefused,
    1,
    message,
    [0, answer, 0],
    extraBytes,
  );
  copyExtra(decision.view, subject.extra(event), view, subject.extra(payloadStart));
}
