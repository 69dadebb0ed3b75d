import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CommandResult } from '@hunt/sdk';
import { chaosHunt } from '../crowd/chaos-hunt.ts';
import { Ledger } from '../crowd/ledger.ts';
import { DecidedLog } from './decided-log.ts';
import { Findings } from './findings.ts';
import { eventTypes } from './outcome-words.ts';
import { proveGrants } from './prove-grants.ts';
import { proveJoins, proveOutcomes } from './prove-outcomes.ts';
import { compareStandings, foldScores, proveLedgerScores } from './prove-standings.ts';
import {
  commandId,
  commandRecord,
  decisionRecord,
  ownerRecord,
  type WrittenDecision,
  type WrittenEvent,
} from './testing/record-writer.ts';

/* What the proof must notice: each test plants one thing that must not be. */

const hunt = chaosHunt(1, 1);
const huntId = '00000000000000aa';
const [huntNumber, teamNumber, playerNumber] = [0xaan, 0xbbn, 0xccn];
const [teamId, playerId] = ['00000000000000bb', '00000000000000cc'];
const gateway = 'http://gateway';
const answer = { type: 'submit-answer', step: 'step-1', answer: 'x' } as const;
const claim = { type: 'claim-treasure', treasure: 'drop-1' } as const;

/** A log in which one owner decided all of this. */
function logOf(decisions: readonly WrittenDecision[]): DecidedLog {
  const log = new DecidedLog(new Findings());
  log.addPartition(
    0,
    [
      commandRecord(
        1,
        decisions.map(({ id }) => id),
      ),
    ],
    [ownerRecord(1, 1), decisionRecord(2, { epoch: 1, sequence: 1, commandOffset: 1 }, decisions)],
  );
  return log;
}

function event(type: number, more: Partial<WrittenEvent> = {}): WrittenEvent {
  return { type, hunt: huntNumber, team: teamNumber, player: playerNumber, ...more };
}

function told(id: string, outcome: string, values: object = {}): CommandResult {
  return { status: 'accepted', commandId: id, repeated: false, outcome, ...values };
}

describe('acknowledged outcomes', () => {
  const solved = { id: commandId(1), code: 0x110, a: 10, b: 10 };
  const acknowledged = (result: CommandResult, command: typeof answer | typeof claim = answer) => {
    const ledger = new Ledger();
    ledger.acknowledge('chaos-1', teamId, command, result, gateway);
    return ledger;
  };
  const lost = (ledger: Ledger, log: DecidedLog) => {
    const findings = new Findings();
    proveOutcomes(ledger, log, findings);
    return findings.counts.lost;
  };

  test('are in the log as they were told', () => {
    const ledger = acknowledged(told(commandId(1), 'solved', { points: 10, total: 10 }));
    assert.equal(lost(ledger, logOf([solved])), 0);
    assert.equal(lost(ledger, logOf([{ ...solved, id: commandId(2) }])), 1);
    assert.equal(lost(ledger, logOf([{ ...solved, b: 20 }])), 1);
    assert.equal(lost(ledger, logOf([{ ...solved, code: 0x111 }])), 1);
    assert.equal(lost(ledger, logOf([{ ...solved, status: 1 }])), 1);
  });

  test('that differ from the log are told with all that the log says of the command', () => {
    const ledger = acknowledged(told(commandId(1), 'solved', { points: 10, total: 10 }));
    const findings = new Findings();
    const log = new DecidedLog(findings);
    const record = { epoch: 1, sequence: 1, commandOffset: 1 };
    log.addPartition(
      0,
      [commandRecord(1, [commandId(1)])],
      [
        ownerRecord(1, 2),
        decisionRecord(2, record, [solved]),
        decisionRecord(3, { ...record, epoch: 2 }, [{ id: commandId(1), status: 1, code: 0x210 }]),
      ],
    );
    proveOutcomes(ledger, log, findings);
    const { message } = findings.first[0]!;
    assert.match(
      message,
      /solved .* from http:\/\/gateway at \d\d:.*, but the log says rejected 0x210/,
    );
    assert.match(
      message,
      /accepted 0x110 10 10 .*0\/2, .*, does not count\); rejected 0x210 .*0\/3/,
    );
  });

  test('of a damaged log are told as it has them', () => {
    const ledger = acknowledged(told(commandId(1), 'solved', { points: 10, total: 10 }));
    const findings = new Findings();
    const damaged = { ...solved, status: 9, receivedAt: Number.NaN };
    proveOutcomes(ledger, logOf([damaged]), findings);
    assert.match(findings.first[0]!.message, /status 9 0x110 10 10 received NaN .*0\/2/);
  });

  test('are the same however often they are told', () => {
    const ledger = acknowledged(told(commandId(1), 'solved', { points: 10, total: 10 }));
    const again = {
      ...told(commandId(1), 'solved', { total: 10, points: 10 }),
      repeated: true,
    } as CommandResult;
    ledger.acknowledge('chaos-1', teamId, answer, again, gateway);
    assert.equal(lost(ledger, logOf([solved])), 0);
    ledger.acknowledge('chaos-1', teamId, answer, told(commandId(1), 'wrong'), gateway);
    assert.equal(lost(ledger, logOf([solved])), 1);
  });

  test('of claims are what their settlement says, which there is once', () => {
    const ledger = acknowledged(told(commandId(1), 'granted', { number: 3 }), claim);
    const pending = { id: commandId(1), type: 0x114, code: 0x120 };
    const settlement = (id: number, value: number) => ({
      id: commandId(id),
      type: 2,
      events: [event(eventTypes.claimSettled, { detail: 0x121, value, commandId: commandId(1) })],
    });
    assert.equal(lost(ledger, logOf([pending, settlement(8, 3)])), 0);
    assert.equal(lost(ledger, logOf([pending, settlement(8, 4)])), 1);
    assert.equal(lost(ledger, logOf([pending])), 2);
    const findings = new Findings();
    proveOutcomes(ledger, logOf([pending, settlement(8, 3), settlement(9, 3)]), findings);
    assert.equal(findings.counts.repeated, 1);
  });

  test('of joins happened once', () => {
    const ledger = new Ledger();
    const ours = { hunt: 'chaos-1', team: teamId, player: playerId, joinCode: 'ABCD2345' };
    ledger.acknowledgeJoin('key', ours);
    const joins = (count: number, ...others: readonly WrittenEvent[]) => {
      const findings = new Findings();
      const events = Array.from({ length: count }, () => event(eventTypes.playerJoined));
      events.push(...others);
      proveJoins(ledger, logOf([{ id: commandId(1), events }]), findings);
      return findings.counts;
    };
    assert.deepEqual([joins(1).lost, joins(1).repeated], [0, 0]);
    assert.equal(joins(0).lost, 1);
    assert.equal(joins(2).repeated, 1);
    // Somebody whom nobody was told of, though no join is without an answer.
    const stranger = event(eventTypes.playerJoined, { player: playerNumber + 1n });
    assert.equal(joins(1, stranger).repeated, 1);
    ledger.joinsInDoubt = 1;
    assert.equal(joins(1, stranger).repeated, 0);
    // One key is one player, and no other key is.
    ledger.acknowledgeJoin('key', ours);
    assert.deepEqual([joins(1).repeated, ledger.changed.length], [0, 0]);
    ledger.acknowledgeJoin('key', { ...ours, joinCode: 'ZZZZ2345' });
    assert.equal(lost(ledger, logOf([])), 1);
    ledger.acknowledgeJoin('other key', ours);
    assert.equal(joins(1).repeated, 1);
    assert.equal(joins(1).lost, 0);
    ledger.disownedJoins.push('a name was taken');
    assert.equal(joins(1).lost, 1);
  });
});

describe('grants', () => {
  const item = 0;
  const { stock } = hunt.drops[item]!;
  const claims = (claimed: number, granted: number, late = 0) => {
    const findings = new Findings();
    const events = [
      ...Array.from({ length: late }, () => event(eventTypes.treasureSoldOut, { item })),
      ...Array.from({ length: claimed }, () => event(eventTypes.claimRequested, { item })),
      ...Array.from({ length: granted }, () => event(eventTypes.treasureGranted, { item })),
    ];
    const log = logOf([{ id: commandId(1), events }]);
    proveGrants(new Map([[huntId, hunt]]), log, findings);
    return findings.counts;
  };

  test('are as many as there are when more are wanted', () => {
    assert.deepEqual([claims(stock + 1, stock).overGranted, claims(stock + 1, stock).lost], [0, 0]);
    assert.equal(claims(stock + 2, stock + 1).overGranted, 1);
    assert.equal(claims(stock + 1, stock - 1).lost, 1);
    assert.equal(claims(stock, stock - 1).lost, 0);
    assert.equal(claims(stock - 1, stock - 1, 1).lost, 1);
    assert.equal(claims(stock, stock, 1).lost, 0);
  });

  test('count what is reserved, until it has expired', () => {
    const reserved = hunt.drops.findIndex(({ isReserved }) => isReserved);
    const most = hunt.drops[reserved]!.stock;
    const run = (types: readonly number[]) => {
      const findings = new Findings();
      const events = types.map((type) => event(type, { item: reserved }));
      const log = logOf([{ id: commandId(1), events }]);
      proveGrants(new Map([[huntId, hunt]]), log, findings);
      return findings.counts.overGranted;
    };
    const { treasureReserved, treasureCollected, reservationExpired } = eventTypes;
    const all = Array.from({ length: most }, () => treasureReserved);
    assert.equal(run([...all, treasureCollected]), 0);
    assert.equal(run([...all, reservationExpired, treasureReserved]), 0);
    assert.equal(run([...all, treasureReserved]), 1);
    assert.equal(run([...all, treasureCollected, treasureReserved]), 1);
    assert.equal(run([reservationExpired]), 1);
  });

  test('of a bonus are one', () => {
    const bonus = hunt.drops.length + 1;
    const findings = new Findings();
    const events = [1, 2].map(() => event(eventTypes.treasureGranted, { item: bonus }));
    const log = logOf([{ id: commandId(1), events }]);
    proveGrants(new Map([[huntId, hunt]]), log, findings);
    assert.equal(findings.counts.overGranted, 1);
  });
});

describe('standings', () => {
  const at = Date.parse('2026-05-01T12:00:00Z');
  const registered = event(eventTypes.teamRegistered);
  const solved = event(eventTypes.stepSolved, { item: 0, value: 10, at });
  const fold = (...events: readonly WrittenEvent[]) => {
    const findings = new Findings();
    const log = logOf([{ id: commandId(1), events }]);
    return { findings, scored: foldScores(huntId, log, findings) };
  };
  const row = {
    ...{ rank: 1, team: teamId, name: 'a', penaltySeconds: 0, lastScoreAt: at },
    ...{ points: 10, solved: 1 },
  };

  test('are the fold of the events', () => {
    const { scored, findings } = fold(registered, solved);
    assert.ok(findings.isClean);
    assert.deepEqual(compareStandings(scored, [row]), []);
    for (const wrong of [{ points: 9 }, { solved: 2 }, { rank: 2 }, { team: 'ff' }]) {
      assert.equal(compareStandings(scored, [{ ...row, ...wrong }]).length, 1);
    }
    assert.equal(compareStandings(scored, []).length, 1);
  });

  test('rank who was earlier first, and equals the same', () => {
    const [other, third] = [0xdn, 0xen];
    const earlier = { ...solved, team: other, at: at - 1 };
    const equal = { ...solved, team: third };
    const { scored } = fold(
      ...[registered, { ...registered, team: other }, { ...registered, team: third }],
      ...[solved, earlier, equal],
    );
    const rows = (ranks: readonly number[]) =>
      ['000000000000000d', teamId, '000000000000000e'].map((team, index) => {
        return { ...row, team, rank: ranks[index]! };
      });
    assert.deepEqual(compareStandings(scored, rows([1, 2, 2])), []);
    assert.equal(compareStandings(scored, rows([1, 2, 3])).length, 1);
    assert.equal(compareStandings(scored, rows([1, 1, 1])).length, 2);
  });

  test('count no step, bonus or hint twice', () => {
    const bonus = event(eventTypes.bonusGranted, { item: 0, value: 5, at });
    const hint = event(eventTypes.hintTaken, { item: 0, value: 2 });
    assert.ok(fold(registered, solved, bonus, hint).findings.isClean);
    for (const one of [solved, bonus, hint]) {
      assert.equal(fold(registered, one, one).findings.counts.repeated, 1);
    }
    assert.equal(fold(registered, registered).findings.counts.repeated, 1);
  });

  test('are what clients were told, unless something is in doubt', () => {
    const ledger = new Ledger();
    ledger.acknowledge(hunt.id, teamId, answer, told(commandId(1), 'solved'), gateway);
    const lost = (...events: readonly WrittenEvent[]) => {
      const findings = new Findings();
      proveLedgerScores(hunt, fold(registered, ...events).scored, ledger, findings);
      return findings.counts.lost;
    };
    const bonus = event(eventTypes.bonusGranted, { item: 0, value: 5, at });
    assert.equal(lost(solved, bonus), 0);
    assert.equal(lost(), 1);
    ledger.inDoubt.add(teamId);
    assert.equal(lost(), 0);
  });
});
