import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { startEngine } from '../../engine.ts';
import { processorSettings, type SettingValues } from '../../engine-settings.ts';
import { compiled, testHuntSource } from '../../gateway/testing/test-hunt.ts';

const values: SettingValues = {
  'log.segmentBytes': 1 << 20,
  'log.recordMaxBytes': 512 * 1024,
  'processor.checkpointEveryDecisions': 100,
  'gateway.recordMaxBytes': 65_536,
  'log.retainBytes': 0,
  'log.retainIntervalMs': 100,
};
/** Of the processors of the engine that shortens its log. */
export const shortenedSettings = { ...processorSettings(values), tableMaxRows: 1 << 20 };

/** Plays until the first segment of the log is gone. */
export async function playShortened(directory: string): Promise<void> {
  const engine = await startEngine({
    ...{ directory, host: '127.0.0.1', port: 0, logLevel: 'silent', partitions: 1 },
    hunts: [compiled(testHuntSource)],
    settings: values,
  });
  try {
    const key = readFileSync(engine.organiserKeyFile, 'utf8').trim();
    const segments = () => readdirSync(path.join(directory, 'log', 'p-0000'));
    for (let batch = 0; segments().includes('journal-0000000000000000.seg'); batch++) {
      const commands = Array.from({ length: 500 }, (_, number) => [
        { type: 'submit-answer', step: 'gate', answer: 'water', team: `T${batch}-${number}` },
        { type: 'claim-treasure', treasure: 'coin', team: `T${batch}-${number}` },
      ]).flat();
      const response = await fetch(`${engine.url}/v1/hunts/test-hunt/commands/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ commands }),
      });
      assert.equal(response.status, 200, await response.text());
    }
  } finally {
    await engine.close();
  }
}
