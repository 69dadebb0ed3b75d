import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotAvailable } from '../availability.ts';
import { assertNothingLeft } from '../testing/nothing-left.ts';
import { startPrometheus } from './prometheus.ts';

test('Prometheus answers with the configuration it was given, and leaves nothing', {
  skip: whyNotAvailable('prometheus'),
}, async () => {
  const prometheus = await startPrometheus({
    own: true,
    configYaml: 'global:\n  external_labels:\n    hunt: "yes"\n',
  });
  await assertNothingLeft(prometheus, async () => {
    const answer = await fetch(`http://${prometheus.address}/api/v1/status/config`);
    assert.match(await answer.text(), /hunt: \\"yes\\"/);
  });
});
