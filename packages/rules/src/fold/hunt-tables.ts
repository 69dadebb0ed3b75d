import { type PartitionContext, RowIndex, type StateSpace, type Table } from 'veltrix';
import { LiveHunt, slotsPerRow } from '../hunt/live-hunt.ts';
import type { PublishedHunt } from '../hunt/published-hunt.ts';

/** Words of a `hunts` row: two of id, then these. */
export const huntColumn = {
  textRow: 2,
  textBytes: 3,
  stepCapacity: 4,
  treasureCapacity: 5,
  firstTreasureRow: 6,
} as const;

/** Words of a `teams` row: two of id, then these; the time of the last score is float 5. */
export const teamColumn = {
  hunt: 2,
  firstSlotRow: 3,
  points: 4,
  penaltySeconds: 5,
  solved: 6,
  wrong: 7,
  members: 8,
  firstMember: 9,
  granted: 12,
  lastScoreAtFloat: 5,
} as const;

/**
 * A step's slot: word 0 = wrong answers in the low 16 bits, hints taken as bits 16 to 23, bit 24 when
 * solved; word 1 = second of the solution, or until when answers are refused in quarters of a second,
 * both since the hunt opened, unsigned.
 * A treasure's slot: word 0 = held in the low 16 bits, pending claims in byte 2, 1 in byte 3 when one
 * is reserved; word 1 = row of that reservation at the treasure's partition.
 */
export const solvedBit = 1 << 24;
/** What the end of a cool-down is counted in. */
export const coolDownUnitMs = 250;
/** 34 years after the opening; from then on there is no cool-down. */
export const lastCoolDownUnit = 0xffff_ffff;
export const hintShift = 16;
export const wrongMask = 0xffff;
export const heldMask = 0xffff;
export const onePending = 1 << 16;
export const pendingMask = 0xff;
export const oneReserved = 1 << 24;

/** Words of a `treasures` row. */
export const treasureColumn = { granted: 0, reserved: 1 } as const;

/** Words of a `reservations` row; row number + 1 is in events. A free row has treasure row -1. */
export const reservationColumn = {
  treasureRow: 0,
  teamLow: 1,
  teamHigh: 2,
  nextFree: 3,
  number: 4,
} as const;

/** Words of a `players` row: two of id, then these. */
export const playerColumn = { state: 2, teamLow: 4, teamHigh: 5 } as const;
export const playerState = { free: 0, joining: 1, joined: 2 } as const;

const textRowBytes = 4_096;

/** The state of a hunt partition: its tables, and what is derived from them. */
export class HuntTables {
  readonly context: PartitionContext;
  readonly hunts: Table;
  readonly text: Table;
  readonly teams: Table;
  readonly slots: Table;
  readonly members: Table;
  readonly players: Table;
  readonly treasures: Table;
  readonly reservations: Table;
  readonly teamIndex: RowIndex;
  readonly playerIndex: RowIndex;
  readonly live: LiveHunt[] = [];
  /** Teams never go away, so the row of the last one found stays right. Derived. */
  #lastTeamRow = -1;

  constructor(space: StateSpace, context: PartitionContext) {
    this.context = context;
    this.hunts = space.table('hunts', 32);
    this.text = space.table('hunt-text', textRowBytes);
    this.teams = space.table('teams', 64);
    this.slots = space.table('slots', slotsPerRow * 8);
    this.members = space.table('members', 16);
    this.players = space.table('players', 32);
    this.treasures = space.table('treasures', 8);
    this.reservations = space.table('reservations', 32);
    this.teamIndex = new RowIndex(this.teams);
    this.playerIndex = new RowIndex(this.players);
    this.reservations.add();
  }

  /** The hunt with this id, or undefined. */
  findHunt(low: number, high: number): LiveHunt | undefined {
    for (const hunt of this.live) {
      if (hunt.id.low === low && hunt.id.high === high) return hunt;
    }
    return undefined;
  }

  /** Row of a team of this hunt, or -1. */
  findTeam(hunt: LiveHunt, low: number, high: number): number {
    // Deciding a command and evolving its events ask for the same team again and again.
    let row = this.#lastTeamRow;
    if (row < 0 || this.team(row, 0) !== low || this.team(row, 1) !== high) {
      row = this.teamIndex.find(low, high);
      if (row < 0) return -1;
      this.#lastTeamRow = row;
    }
    return this.team(row, teamColumn.hunt) === hunt.row ? row : -1;
  }

  team(row: number, column: number): number {
    return this.teams.page(row).words[this.teams.at(row) + column]!;
  }

  lastScoreAt(row: number): number {
    return this.teams.page(row).floats[this.teams.at(row) / 2 + teamColumn.lastScoreAtFloat]!;
  }

  addToTeam(row: number, column: number, amount: number): void {
    this.teams.write(row).words[this.teams.at(row) + column]! += amount;
  }

  /** A word of a team's slot. */
  slot(teamRow: number, slot: number, word: 0 | 1): number {
    const row = this.team(teamRow, teamColumn.firstSlotRow) + (slot >>> 3);
    return this.slots.page(row).words[this.slots.at(row) + (slot & 7) * 2 + word]!;
  }

  setSlot(teamRow: number, slot: number, word: 0 | 1, value: number): void {
    const row = this.team(teamRow, teamColumn.firstSlotRow) + (slot >>> 3);
    this.slots.write(row).words[this.slots.at(row) + (slot & 7) * 2 + word] = value;
  }

  isSolved(teamRow: number, step: number): boolean {
    return (this.slot(teamRow, step, 0) & solvedBit) !== 0;
  }

  treasure(row: number, column: number): number {
    return this.treasures.page(row).words[this.treasures.at(row) + column]!;
  }

  addToTreasure(row: number, column: number, amount: number): void {
    this.treasures.write(row).words[this.treasures.at(row) + column]! += amount;
  }

  reservation(row: number, column: number): number {
    return this.reservations.page(row).words[this.reservations.at(row) + column]!;
  }

  setReservation(row: number, column: number, value: number): void {
    this.reservations.write(row).words[this.reservations.at(row) + column] = value;
  }

  player(row: number, column: number): number {
    return this.players.page(row).words[this.players.at(row) + column]!;
  }

  /** The published JSON of a hunt. */
  publishedJson(row: number): string {
    const { words } = this.hunts.page(row);
    const at = this.hunts.at(row);
    const bytes = new Uint8Array(words[at + huntColumn.textBytes]!);
    let textRow = words[at + huntColumn.textRow]!;
    for (let from = 0; from < bytes.length; from += textRowBytes, textRow++) {
      const start = this.text.at(textRow) * 4;
      const size = Math.min(textRowBytes, bytes.length - from);
      bytes.set(this.text.page(textRow).bytes.subarray(start, start + size), from);
    }
    return new TextDecoder().decode(bytes);
  }

  /** Throws `veltrix-state-full` unless this JSON, of so many bytes, finds room. */
  checkTextRoom(bytes: number): void {
    this.text.checkRoom(Math.ceil(bytes / textRowBytes));
  }

  /** Appends a hunt's JSON in whole rows; returns the first. */
  addText(json: Uint8Array): number {
    const first = this.text.rows;
    for (let from = 0; from < json.length; from += textRowBytes) {
      const row = this.text.add();
      const part = json.subarray(from, Math.min(from + textRowBytes, json.length));
      this.text.write(row).bytes.set(part, this.text.at(row) * 4);
    }
    return first;
  }

  /** Makes the derived form of the hunt in this row anew. */
  revive(row: number): void {
    const { words } = this.hunts.page(row);
    const at = this.hunts.at(row);
    this.live[row] = new LiveHunt(
      { low: words[at]!, high: words[at + 1]! },
      row,
      JSON.parse(this.publishedJson(row)) as PublishedHunt,
      {
        steps: words[at + huntColumn.stepCapacity]!,
        treasures: words[at + huntColumn.treasureCapacity]!,
      },
      words[at + huntColumn.firstTreasureRow]!,
      this.context.partitionCount,
    );
  }

  restored(): void {
    this.#lastTeamRow = -1;
    this.teamIndex.rebuild();
    this.playerIndex.rebuild();
    this.live.length = 0;
    for (let row = 0; row < this.hunts.rows; row++) this.revive(row);
  }
}
