// The sample hunt is played to its end over the API, as players and their organiser would.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEngine } from '@hunt/engine';
import type { StepDefinition } from '@hunt/rules';
import { createOrganiserClient, createPlayerClient } from '@hunt/sdk';
import { readHunt } from '../check/hunt-file.ts';

const file = fileURLToPath(new URL('../../../../hunts/city-lights.yaml', import.meta.url));

test('every step is solved and every treasure collected, with the codes that organisers get', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-sample-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const { definition } = readHunt(file);
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, partitions: 2, logLevel: 'error' },
    hunts: [definition],
  });
  t.after(() => engine.close());
  const { id: hunt, steps } = definition;
  const baseUrl = engine.url;
  const key = readFileSync(engine.organiserKeyFile, 'utf8').trim();
  const codes = await createOrganiserClient({ baseUrl, key }).scanCodes(hunt);
  const player = createPlayerClient({ baseUrl, hunt });
  await player.join({ name: 'Ada', team: { name: 'Night Owls' } });

  const attempt = ({ id: step, answers, place }: StepDefinition) => {
    const code = codes.find((one) => one.step === step)?.code;
    if (code !== undefined) return { type: 'scan-code', step, code } as const;
    if (place === null) return { type: 'submit-answer', step, answer: answers[0]! } as const;
    const [latitude, longitude] = [place.latitudeE7 / 1e7, place.longitudeE7 / 1e7];
    return { type: 'check-in', step, latitude, longitude, accuracyMeters: 5 } as const;
  };
  for (const step of steps) {
    const { status, outcome } = await player.submit(attempt(step));
    assert.deepEqual([status, outcome], ['accepted', 'solved'], step.id);
  }
  const outcomes = [];
  for (const [type, treasure] of [
    ['claim-treasure', 'gold-coin'],
    ['claim-treasure', 'roof-dinner'],
    ['collect-treasure', 'roof-dinner'],
  ] as const) {
    outcomes.push((await player.submit({ type, treasure })).outcome);
  }
  assert.deepEqual(outcomes, ['granted', 'reserved', 'collected']);

  const most = steps.reduce((sum, { points, bonus }) => sum + points + bonus, 0);
  let me = await player.me();
  // A bonus may come from another partition, a moment later.
  while (me.points < most) me = await player.me();
  assert.equal(me.points, most);
  assert.ok(me.steps.every(({ solved }) => solved));
  assert.deepEqual(
    me.treasures.map(({ held, pending, reserved }) => [held, pending, reserved]),
    [
      [1, 0, 0],
      [1, 0, 0],
    ],
  );
});
