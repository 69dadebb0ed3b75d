import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishHunt } from '@hunt/rules';
import { HuntDirectory } from './hunt-directory.ts';
import { compiled, testHuntSource, testSecret } from './testing/test-hunt.ts';

function portWith(version: number, title: string) {
  const source = testHuntSource
    .replace('version: 1', `version: ${version}`)
    .replace('title: Test hunt', `title: ${title}`);
  const publishedJson = JSON.stringify(publishHunt(compiled(source), testSecret));
  return { hunts: async () => [{ huntId: '', publishedJson }] };
}

test('a later version replaces an earlier one, whatever comes last', async () => {
  const directory = new HuntDirectory();
  assert.throws(() => directory.hunt('test-hunt'), { id: 'engine-not-ready' });
  assert.throws(() => directory.all(), { id: 'engine-not-ready' });
  await directory.load(portWith(1, 'First'));
  await directory.load(portWith(2, 'Second'));
  await directory.load(portWith(1, 'First'));
  assert.equal(directory.hunt('test-hunt').definition.title, 'Second');
  assert.throws(() => directory.hunt('other'), { id: 'rules-hunt-unknown' });
});

test('steps and treasures are found by their ids only', async () => {
  const directory = new HuntDirectory();
  await directory.load(portWith(1, 'First'));
  const hunt = directory.hunt('test-hunt');
  assert.equal(hunt.stepNumber('lantern'), 2);
  assert.equal(hunt.treasureNumber('dinner'), 1);
  assert.throws(() => hunt.stepNumber('dinner'), { id: 'rules-step-unknown' });
  assert.throws(() => hunt.treasureNumber('constructor'), { id: 'rules-treasure-unknown' });
});
