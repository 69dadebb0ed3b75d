import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigKeeper, flagLayer } from 'veltrix/config';
import { startEngine } from '../engine.ts';
import { engineSchema, settingsSource } from '../engine-settings.ts';
import { preflightProcess } from './preflight-process.ts';

let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'hunt-preflight-'));
});
after(() => rmSync(root, { recursive: true }));

const directory = () => path.join(root, 'data');

test('settings are judged with their place, be they a keeper or plain values', () => {
  const layers = [flagLayer(['gateway.recentOutcomes=10'])];
  const keeper = new ConfigKeeper({ schema: engineSchema, layers, asker: {} });
  const plain = settingsSource({ 'gateway.recentOutcomes': 10 });
  for (const [settings, place] of [
    [keeper, '--set gateway.recentOutcomes'],
    [plain, 'the program'],
  ] as const) {
    const { findings } = preflightProcess({ settings, directory: directory() });
    assert.deepEqual(
      findings.map(({ id, values }) => [id, values[0].source, values[1].source]),
      [['preflight-recent-outcomes', place, 'the default']],
    );
  }
});

test('a start that a rule refuses makes nothing', async () => {
  const options = { directory: directory(), host: '127.0.0.1', port: 0, hunts: [] };
  const starting = startEngine({ ...options, dedupeWindow: 2 ** 25, logLevel: 'silent' });
  await assert.rejects(starting, { id: 'preflight-dedupe-window' });
  const again = await startEngine({ ...options, logLevel: 'silent' });
  await again.close();
});
