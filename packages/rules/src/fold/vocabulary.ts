import type { commandType, eventType, messageType } from './codes.ts';

type CommandName = keyof typeof commandType;
type MessageName = keyof typeof messageType;
type EventName = keyof typeof eventType;

/** On which partition something is decided: that of the team, the player or the treasure, or on every one. */
type Side = 'team' | 'player' | 'treasure' | 'every';

/** What the fields of a payload hold; one that is missing is always 0. See `subject.ts` for their places. */
export interface Fields {
  readonly item?: string;
  readonly detail?: string;
  readonly value?: string;
  /** What stands behind the subject. */
  readonly extra?: {
    readonly bytes: number | 'as many bytes as `value` says';
    readonly holds: string;
  };
}

/** What a command, message or timer of a hunt is for, and what it carries. */
interface Asked extends Fields {
  readonly decidedBy: Side;
  readonly asks: string;
}

interface Message extends Asked {
  /** Who sends it; a timer is set by the side that decides it. */
  readonly sentBy: Exclude<Side, 'every'> | 'timer';
}

/** What an event says, which commands and messages lead to it, and what it carries. */
interface Told extends Fields {
  readonly decidedBy: Side;
  readonly says: string;
  readonly causes: readonly (CommandName | MessageName)[];
}

const reservationRow = { bytes: 16, holds: 'i32 row of the reservation' } as const;
const commandId = { bytes: 16, holds: 'id of the command that began it' } as const;
const settledClaim = {
  bytes: 24,
  holds: 'id of the command that began it, i32 row and i32 number of the reservation',
} as const;
const treasureOrBonus = 'treasure, or number of treasures + step for a first-solver bonus';

/** Commands of the gateways. */
export const commandWords: Readonly<Record<CommandName, Asked>> = {
  publishHunt: {
    decidedBy: 'every',
    asks: 'publishes a hunt, or a later version of one',
    value: 'size of the JSON in bytes',
    extra: { bytes: 'as many bytes as `value` says', holds: 'the published hunt as JSON' },
  },
  registerTeam: { decidedBy: 'team', asks: 'makes a team, or a player who is one alone' },
  joinTeam: { decidedBy: 'player', asks: 'a player joins a team' },
  submitAnswer: {
    decidedBy: 'team',
    asks: 'answers a step',
    item: 'step',
    extra: { bytes: 16, holds: 'hash of the answer' },
  },
  scanCode: {
    decidedBy: 'team',
    asks: 'solves a step by the code of its poster',
    item: 'step',
    extra: { bytes: 16, holds: 'hash of the code' },
  },
  checkIn: {
    decidedBy: 'team',
    asks: 'solves a step by being there',
    item: 'step',
    detail: 'accuracy of the fix in metres',
    value: 'distance from the place in metres',
  },
  takeHint: { decidedBy: 'team', asks: 'buys a hint', item: 'step', detail: 'hint, from 0' },
  claimTreasure: { decidedBy: 'team', asks: 'asks for a treasure', item: 'treasure' },
  collectTreasure: {
    decidedBy: 'team',
    asks: 'takes what is reserved for the team',
    item: 'treasure',
  },
};

/** Messages between partitions, and the timers. */
export const messageWords: Readonly<Record<MessageName, Message>> = {
  addMember: {
    sentBy: 'player',
    decidedBy: 'team',
    asks: 'may this player become a member?',
    extra: commandId,
  },
  memberAnswered: {
    sentBy: 'team',
    decidedBy: 'player',
    asks: 'the answer to that',
    detail: 'outcome',
    extra: commandId,
  },
  claimStock: {
    sentBy: 'team',
    decidedBy: 'treasure',
    asks: 'is there one left for this team?',
    item: treasureOrBonus,
    extra: {
      bytes: 16,
      holds: `${commandId.holds}; for a bonus 8 bytes 0 and f64 time of the solution in ms`,
    },
  },
  claimSettled: {
    sentBy: 'treasure',
    decidedBy: 'team',
    asks: 'the answer to that',
    item: treasureOrBonus,
    detail: 'outcome',
    value: 'number of the grant, or seconds until the reservation expires',
    extra: settledClaim,
  },
  collectStock: {
    sentBy: 'team',
    decidedBy: 'treasure',
    asks: 'hands out what is reserved',
    item: 'treasure',
    value: 'row of the reservation',
    extra: commandId,
  },
  collectSettled: {
    sentBy: 'treasure',
    decidedBy: 'team',
    asks: 'the answer to that',
    item: 'treasure',
    detail: 'outcome',
    value: 'number of the grant',
    extra: { bytes: 24, holds: `${commandId.holds}, 8 bytes 0` },
  },
  reservationLapsed: {
    sentBy: 'treasure',
    decidedBy: 'team',
    asks: 'tells that a reservation expired',
    item: 'treasure',
    extra: { bytes: 16, holds: 'zeros' },
  },
  expireReservation: {
    sentBy: 'timer',
    decidedBy: 'treasure',
    asks: 'ends a reservation that nobody collected',
    item: 'treasure',
    value: 'number of the reservation',
    extra: { bytes: 8, holds: reservationRow.holds },
  },
};

/** Events of version 1. */
export const eventWords: Readonly<Record<EventName, Told>> = {
  huntPublished: {
    decidedBy: 'every',
    says: 'the partition has this version of the hunt from here on',
    causes: ['publishHunt'],
    value: 'size of the JSON in bytes',
    extra: { bytes: 'as many bytes as `value` says', holds: 'the published hunt as JSON' },
  },
  teamRegistered: { decidedBy: 'team', says: 'the team is there', causes: ['registerTeam'] },
  playerJoining: {
    decidedBy: 'player',
    says: 'the player has asked a team, and can ask no other until it has answered',
    causes: ['joinTeam'],
  },
  memberAdded: { decidedBy: 'team', says: 'the team has a member more', causes: ['addMember'] },
  playerJoined: {
    decidedBy: 'player',
    says: 'the player is in the team',
    causes: ['memberAnswered'],
    detail: 'outcome',
    extra: commandId,
  },
  playerRefused: {
    decidedBy: 'player',
    says: 'the team took nobody in; the player may ask another',
    causes: ['memberAnswered'],
    detail: 'outcome',
    extra: commandId,
  },
  stepSolved: {
    decidedBy: 'team',
    says: 'the team has solved a step',
    causes: ['submitAnswer', 'scanCode', 'checkIn'],
    item: 'step',
    value: 'points',
    extra: {
      bytes: 16,
      holds: 'i32 penalty seconds, i32 second since the opening, f64 time in ms',
    },
  },
  answerRejected: {
    decidedBy: 'team',
    says: 'an answer or a code was wrong',
    causes: ['submitAnswer', 'scanCode'],
    item: 'step',
    value: 'points taken',
    extra: {
      bytes: 16,
      holds: 'u32 until when answers are refused, in quarters of a second since the opening',
    },
  },
  hintTaken: {
    decidedBy: 'team',
    says: 'the team has bought a hint',
    causes: ['takeHint'],
    item: 'step',
    detail: 'hint, from 0',
    value: 'cost in points',
  },
  bonusGranted: {
    decidedBy: 'team',
    says: 'the team was the first to solve a step',
    causes: ['claimSettled'],
    item: 'step',
    value: 'points',
    extra: { bytes: 16, holds: '8 bytes 0, f64 time in ms of the solution' },
  },
  claimRequested: {
    decidedBy: 'team',
    says: 'a claim is on its way to the treasure, and counts against the team’s limit',
    causes: ['claimTreasure'],
    item: 'treasure',
  },
  claimSettled: {
    decidedBy: 'team',
    says: 'the treasure has answered a claim',
    causes: ['claimSettled'],
    item: 'treasure',
    detail: 'outcome',
    value: 'number of the grant, or seconds until the reservation expires',
    extra: settledClaim,
  },
  treasureGranted: {
    decidedBy: 'treasure',
    says: 'one of the stock is the team’s',
    causes: ['claimStock'],
    item: treasureOrBonus,
    value: 'number of the grant, from 1',
  },
  treasureReserved: {
    decidedBy: 'treasure',
    says: 'one of the stock is kept for the team until a time',
    causes: ['claimStock'],
    item: 'treasure',
    value: 'number of the reservation',
    extra: {
      bytes: 16,
      holds: `${reservationRow.holds}, 4 bytes 0, f64 time in ms at which it expires`,
    },
  },
  treasureSoldOut: {
    decidedBy: 'treasure',
    says: 'the team came too late; changes nothing',
    causes: ['claimTreasure', 'claimStock'],
    item: treasureOrBonus,
  },
  reservationExpired: {
    decidedBy: 'treasure',
    says: 'a reservation is over, and what it kept is in the stock again',
    causes: ['expireReservation'],
    item: 'treasure',
    value: 'number of the reservation',
    extra: reservationRow,
  },
  treasureCollected: {
    decidedBy: 'treasure',
    says: 'what was reserved is the team’s',
    causes: ['collectStock'],
    item: 'treasure',
    value: 'number of the grant, from 1',
    extra: reservationRow,
  },
  collectRequested: {
    decidedBy: 'team',
    says: 'the team has asked for what is reserved for it',
    causes: ['collectTreasure'],
    item: 'treasure',
  },
  collectSettled: {
    decidedBy: 'team',
    says: 'the treasure has answered that',
    causes: ['collectSettled'],
    item: 'treasure',
    detail: 'outcome',
    value: 'number of the grant',
    extra: commandId,
  },
  reservationLapsed: {
    decidedBy: 'team',
    says: 'the team has lost its reservation',
    causes: ['reservationLapsed'],
    item: 'treasure',
  },
};
