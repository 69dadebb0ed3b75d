import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestKind, requestKinds } from '@hunt/engine/sizing';
import { companyCost } from './company-cost.ts';

const read = { perSecond: 20_000, fixedShare: 0 };
const command = { perSecond: 10_000, fixedShare: 0.5 };
const isRead = (kind: RequestKind) => kind === 'standings' || kind === 'progress';
const requests = Object.fromEntries(
  requestKinds.map((kind) => [kind, isRead(kind) ? read : command]),
) as Record<RequestKind, typeof read>;
/** 4,000 of each: half for turns, a fifth for reads, a fifth for commands; a tenth is left. */
const both = { perSecond: 8_000, recordsPerSecond: 500 };
const near = (found: number, wanted: number) =>
  assert.ok(Math.abs(found - wanted) < 1e-9, `${found}, wanted ${wanted}`);

test('what reads and commands do not take by themselves is what being together takes', () => {
  const { pageMicroseconds, progressShare } = companyCost(requests, both, both);
  near(pageMicroseconds, 200);
  near(progressShare, 0.1);
});

test('no more pages are put together than are read', () => {
  const often = { ...both, recordsPerSecond: 1e6 };
  near(companyCost(requests, often, both).pageMicroseconds, 0.1e6 / 4_000);
});

test('who takes more together than by themselves is together for nothing', () => {
  const much = { perSecond: 20_000, recordsPerSecond: 500 };
  const nothing = { pageMicroseconds: 0, progressShare: 0 };
  assert.deepEqual(companyCost(requests, much, much), nothing);
  const none = { perSecond: 0, recordsPerSecond: 0 };
  assert.equal(companyCost(requests, none, both).pageMicroseconds, 0);
});
