// The sample hunt is played to its end over the API, as players and their organiser would.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startEngine } from '@hunt/engine';
import { readHunt } from '../check/hunt-file.ts';
import { playSampleHunt, sampleHuntFile } from '../testing/sample-hunt.ts';

test('every step is solved and every treasure collected, with the codes that organisers get', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hunt-sample-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, partitions: 2, logLevel: 'error' },
    hunts: [readHunt(sampleHuntFile).definition],
  });
  t.after(() => engine.close());
  const key = readFileSync(engine.organiserKeyFile, 'utf8').trim();
  await playSampleHunt(engine.url, key, 'Night Owls', { isFirst: true, signal: t.signal });
});
