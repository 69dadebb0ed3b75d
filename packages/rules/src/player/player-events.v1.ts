import type { EventView } from 'veltrix';
import { type HuntTables, playerColumn, playerState, teamColumn } from '../fold/hunt-tables.ts';
import { huntOf, teamRowOf } from '../fold/lookup.ts';
import { subject } from '../subject/subject.ts';
import { findPlayer } from './join-team.ts';

export function evolvePlayerJoiningV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  let row = findPlayer(tables, event);
  if (row < 0) {
    row = tables.players.add();
    const { words } = tables.players.write(row);
    words[tables.players.at(row)] = subject.playerLow(view, payloadStart);
    words[tables.players.at(row) + 1] = subject.playerHigh(view, payloadStart);
    tables.playerIndex.insert(row);
  }
  const { words } = tables.players.write(row);
  const at = tables.players.at(row);
  words[at + playerColumn.state] = playerState.joining;
  words[at + playerColumn.teamLow] = subject.teamLow(view, payloadStart);
  words[at + playerColumn.teamHigh] = subject.teamHigh(view, payloadStart);
}

export function evolvePlayerJoinedV1(tables: HuntTables, event: EventView): void {
  setState(tables, event, playerState.joined);
}

export function evolvePlayerRefusedV1(tables: HuntTables, event: EventView): void {
  setState(tables, event, playerState.free);
}

function setState(tables: HuntTables, event: EventView, state: number): void {
  const row = findPlayer(tables, event);
  tables.players.write(row).words[tables.players.at(row) + playerColumn.state] = state;
}

/** The team's members are a list: the newest first, each row naming the next one (row + 1). */
export function evolveMemberAddedV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const hunt = huntOf(tables, event);
  const team = teamRowOf(tables, hunt, event);
  const row = tables.members.add();
  const { words } = tables.members.write(row);
  const at = tables.members.at(row);
  words[at] = subject.playerLow(view, payloadStart);
  words[at + 1] = subject.playerHigh(view, payloadStart);
  words[at + 2] = tables.team(team, teamColumn.firstMember);
  const page = tables.teams.write(team);
  page.words[tables.teams.at(team) + teamColumn.firstMember] = row + 1;
  page.words[tables.teams.at(team) + teamColumn.members]! += 1;
}
