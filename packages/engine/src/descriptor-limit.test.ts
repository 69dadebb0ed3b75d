import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionsAllowed } from './descriptor-limit.ts';

const usual = { wanted: 50_000, isAsked: false, partitionCount: 4 };

test('connections are what the open files leave, and no more than wanted', () => {
  assert.equal(connectionsAllowed(usual, 20_000).connectionsMax, 20_000 - 80 - 4 * 8);
  assert.equal(connectionsAllowed(usual, 1_000_000).connectionsMax, 50_000);
  assert.equal(connectionsAllowed(usual, Number.POSITIVE_INFINITY).connectionsMax, 50_000);
  assert.equal(connectionsAllowed(usual, 10).connectionsMax, 1);
});

test('fewer are told of where somebody asked for more, or where they are few', () => {
  assert.equal(connectionsAllowed(usual, 20_000).told, undefined);
  assert.equal(connectionsAllowed({ ...usual, wanted: 500 }, 20_000).told, undefined);
  const asked = { ...usual, isAsked: true };
  assert.equal(connectionsAllowed(asked, 100_000).told, undefined);
  const [wanted, openFilesMax] = [50_000, 20_000];
  const told = { connectionsMax: 19_888, wanted, openFilesMax };
  assert.deepEqual(connectionsAllowed(asked, openFilesMax).told, told);
  const few = { connectionsMax: 912, wanted, openFilesMax: 1_024 };
  assert.deepEqual(connectionsAllowed(usual, 1_024).told, few);
});
