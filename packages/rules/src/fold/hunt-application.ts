import {
  type Application,
  type CommandView,
  type Decision,
  type EventView,
  platformCode,
} from 'veltrix';
import { evolveHuntPublishedV1 } from '../hunt/hunt-published.v1.ts';
import { decidePublishHunt } from '../hunt/publish-hunt.ts';
import {
  answerMember,
  decideAddMember,
  decideJoinTeam,
  decideMemberAnswered,
} from '../player/join-team.ts';
import {
  evolveMemberAddedV1,
  evolvePlayerJoinedV1,
  evolvePlayerJoiningV1,
  evolvePlayerRefusedV1,
} from '../player/player-events.v1.ts';
import { evolveAnswerRejectedV1 } from '../step/answer-rejected.v1.ts';
import { evolveHintTakenV1 } from '../step/hint-taken.v1.ts';
import { decideCheckIn, decideScanCode, decideSubmitAnswer } from '../step/solve-step.ts';
import { evolveBonusGrantedV1, evolveStepSolvedV1 } from '../step/step-solved.v1.ts';
import { decideTakeHint } from '../step/take-hint.ts';
import { decideRegisterTeam } from '../team/register-team.ts';
import { evolveTeamRegisteredV1 } from '../team/team-registered.v1.ts';
import {
  evolveClaimRequestedV1,
  evolveClaimSettledV1,
  evolveCollectRequestedV1,
  evolveCollectSettledV1,
  evolveReservationLapsedV1,
} from '../treasure/claim-events.v1.ts';
import {
  decideClaimSettled,
  decideClaimTreasure,
  decideCollectSettled,
  decideCollectTreasure,
  decideReservationLapsed,
} from '../treasure/claim-treasure.ts';
import {
  evolveReservationExpiredV1,
  evolveTreasureCollectedV1,
  evolveTreasureGrantedV1,
  evolveTreasureReservedV1,
  evolveTreasureSoldOutV1,
} from '../treasure/treasure-events.v1.ts';
import {
  decideClaimStock,
  decideCollectStock,
  decideExpireReservation,
  refuseClaimStock,
  refuseCollectStock,
} from '../treasure/treasure-stock.ts';
import { commandType, eventType, messageType, type OutcomeCode, outcome } from './codes.ts';
import { HuntTables } from './hunt-tables.ts';

type Decide = (tables: HuntTables, command: CommandView, decision: Decision) => void;
type Refuse = (
  tables: HuntTables,
  message: CommandView,
  decision: Decision,
  answer: OutcomeCode,
) => void;
type Evolve = (tables: HuntTables, event: EventView) => void;

const firstType = 0x100;

/** One entry per command and message type: a missing one does not compile. */
const decideByName: Record<keyof typeof commandType | keyof typeof messageType, Decide> = {
  publishHunt: decidePublishHunt,
  registerTeam: decideRegisterTeam,
  joinTeam: decideJoinTeam,
  submitAnswer: decideSubmitAnswer,
  scanCode: decideScanCode,
  checkIn: decideCheckIn,
  takeHint: decideTakeHint,
  claimTreasure: decideClaimTreasure,
  collectTreasure: decideCollectTreasure,
  addMember: decideAddMember,
  memberAnswered: decideMemberAnswered,
  claimStock: decideClaimStock,
  claimSettled: decideClaimSettled,
  collectStock: decideCollectStock,
  collectSettled: decideCollectSettled,
  reservationLapsed: decideReservationLapsed,
  expireReservation: decideExpireReservation,
};

/** Messages that somebody waits for. The others are answers themselves. */
const refuseByType: ReadonlyMap<number, Refuse> = new Map([
  [messageType.addMember, answerMember],
  [messageType.claimStock, refuseClaimStock],
  [messageType.collectStock, refuseCollectStock],
]);

/** By version, from 1. Released versions are frozen: a change is a new version beside the old. */
const evolveByName: Record<keyof typeof eventType, readonly Evolve[]> = {
  huntPublished: [evolveHuntPublishedV1],
  teamRegistered: [evolveTeamRegisteredV1],
  playerJoining: [evolvePlayerJoiningV1],
  memberAdded: [evolveMemberAddedV1],
  playerJoined: [evolvePlayerJoinedV1],
  playerRefused: [evolvePlayerRefusedV1],
  stepSolved: [evolveStepSolvedV1],
  answerRejected: [evolveAnswerRejectedV1],
  hintTaken: [evolveHintTakenV1],
  bonusGranted: [evolveBonusGrantedV1],
  claimRequested: [evolveClaimRequestedV1],
  claimSettled: [evolveClaimSettledV1],
  treasureGranted: [evolveTreasureGrantedV1],
  treasureReserved: [evolveTreasureReservedV1],
  treasureSoldOut: [evolveTreasureSoldOutV1],
  reservationExpired: [evolveReservationExpiredV1],
  treasureCollected: [evolveTreasureCollectedV1],
  collectRequested: [evolveCollectRequestedV1],
  collectSettled: [evolveCollectSettledV1],
  reservationLapsed: [evolveReservationLapsedV1],
};

function byNumber<Entry>(
  numbers: Readonly<Record<string, number>>,
  entries: Readonly<Record<string, Entry>>,
): Entry[] {
  const table: Entry[] = [];
  for (const [name, number] of Object.entries(numbers)) table[number - firstType] = entries[name]!;
  return table;
}

const decideTable = byNumber({ ...commandType, ...messageType }, decideByName);
const evolveTable = byNumber(eventType, evolveByName);

/** The hunt's rules as an application of the platform. */
export const huntApplication: Application = {
  layout: 'hunt-1',
  open(space, context) {
    const tables = new HuntTables(space, context);
    return new HuntFold(tables);
  },
};

/** One partition's rules and state; the engine reads `tables` to answer queries. */
export class HuntFold {
  readonly tables: HuntTables;

  constructor(tables: HuntTables) {
    this.tables = tables;
  }

  decide(command: CommandView, decision: Decision): void {
    const decide = decideTable[command.type - firstType];
    if (decide === undefined) throw new RangeError(`command type ${command.type}`);
    decide(this.tables, command, decision);
  }

  refuse(message: CommandView, code: number, decision: Decision): void {
    const answer = code === platformCode.noRoom ? outcome.noRoom : outcome.decideFailed;
    refuseByType.get(message.type)?.(this.tables, message, decision, answer);
  }

  evolve(event: EventView): boolean {
    const evolve = evolveTable[event.type - firstType]?.[event.version - 1];
    if (evolve === undefined) return false;
    evolve(this.tables, event);
    return true;
  }

  restored(): void {
    this.tables.restored();
  }
}
