import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import type { CodedError } from '../coded-error.ts';
import type { LogIdentity } from '../log/log.ts';
import { configHistoryMax, configValueMaxBytes } from './config-document.ts';
import type { ConfigChange, ConfigDocument, ConfigSource } from './config-source.ts';

export interface ConfigSourceHarness {
  open(plan?: LogIdentity): ConfigSource;
  /** The service ends its session. */
  expire(source: ConfigSource): void | Promise<void>;
  /** Somebody edits a node of the tree by hand; undefined removes it. */
  edit(path: string, text: string | undefined): void | Promise<void>;
  until(condition: () => boolean): Promise<void>;
  dispose(): void | Promise<void>;
}

/** The promises of the `ConfigSource` port, for every adapter. */
export function testConfigSourceContract(
  name: string,
  newHarness: () => ConfigSourceHarness,
): void {
  suite(`configuration source contract: ${name}`, () => {
    let harness: ConfigSourceHarness;
    beforeEach(() => {
      harness = newHarness();
    });
    afterEach(() => harness.dispose());
    for (const [title, body] of Object.entries(contract)) test(title, () => body(harness));
  });
}

async function answer<T>(
  harness: ConfigSourceHarness,
  ask: (done: (error: Error | undefined, value?: T) => void) => void,
): Promise<T | undefined> {
  const outcomes: { error: Error | undefined; value: T | undefined }[] = [];
  ask((error, value) => outcomes.push({ error, value }));
  assert.equal(outcomes.length, 0, 'called back from within the call');
  await harness.until(() => outcomes.length > 0);
  assert.equal(outcomes.length, 1, 'called back more than once');
  const [outcome] = outcomes;
  if (outcome?.error) throw outcome.error;
  return outcome?.value;
}

function write(
  harness: ConfigSourceHarness,
  source: ConfigSource,
  change: Partial<ConfigChange>,
): Promise<ConfigDocument | undefined> {
  const whole = { key: 'limits', value: 'v', basedOn: 0, by: 'ada', why: 'a test', ...change };
  return answer(harness, (done) => source.write(whole, done));
}

const code = (id: string) => (error: unknown) => (error as CodedError).id === id;

const contract: Record<string, (harness: ConfigSourceHarness) => Promise<void>> = {
  'a key that was never written has no document and no history': async (harness) => {
    const source = harness.open();
    assert.equal(await answer(harness, (done) => source.read('limits', done)), undefined);
    assert.deepEqual(await answer(harness, (done) => source.history('limits', done)), []);
  },

  'a change is read by everybody, with who and why': async (harness) => {
    const [one, other] = [harness.open(), harness.open()];
    const written = await write(harness, one, { value: '{"a":1}' });
    const read = await answer<ConfigDocument>(harness, (done) => other.read('limits', done));
    assert.deepEqual(read, written);
    assert.equal(read?.version, 1);
    assert.deepEqual([read?.value, read?.by, read?.why], ['{"a":1}', 'ada', 'a test']);
    assert.equal(await answer(harness, (done) => other.read('other', done)), undefined);
  },

  'of two changes based on one version, one is refused': async (harness) => {
    const [one, other] = [harness.open(), harness.open()];
    const conflict = code('veltrix-coordination-conflict');
    await write(harness, one, { value: 'first' });
    await assert.rejects(write(harness, other, { value: 'again' }), conflict);
    await write(harness, other, { value: 'second', basedOn: 1 });
    await assert.rejects(write(harness, one, { value: 'third', basedOn: 1 }), conflict);
    await assert.rejects(write(harness, one, { value: 'third', basedOn: 7 }), conflict);
    const results = await Promise.allSettled(
      [one, other].map((source) => write(harness, source, { value: 'race', basedOn: 2 })),
    );
    assert.deepEqual(results.map((result) => result.status).sort(), ['fulfilled', 'rejected']);
  },

  'the history has the newest first, and a limit': async (harness) => {
    const source = harness.open();
    for (let version = 0; version < configHistoryMax + 5; version++) {
      await write(harness, source, { value: `v${version}`, basedOn: version, why: `w${version}` });
    }
    const history = await answer<readonly ConfigDocument[]>(harness, (done) =>
      source.history('limits', done),
    );
    assert.equal(history?.length, configHistoryMax);
    assert.deepEqual(
      history?.slice(0, 2).map(({ version, why }) => [version, why]),
      [
        [configHistoryMax + 5, `w${configHistoryMax + 4}`],
        [configHistoryMax + 4, `w${configHistoryMax + 3}`],
      ],
    );
  },

  'a watcher is shown the present value and the last of many changes, in order': async (
    harness,
  ) => {
    const [writer, viewer] = [harness.open(), harness.open()];
    const versions: (number | undefined)[] = [];
    const stop = viewer.watch('limits', {
      changed: (document) => versions.push(document?.version),
    });
    await harness.until(() => versions.length === 1);
    assert.deepEqual(versions, [undefined]);
    for (let version = 0; version < 15; version++) {
      await write(harness, writer, { value: `v${version}`, basedOn: version });
    }
    await harness.until(() => versions.at(-1) === 15);
    const shown = versions.slice(1).map(Number);
    assert.deepEqual(
      shown,
      [...new Set(shown)].sort((x, y) => x - y),
    );
    await harness.expire(viewer);
    await write(harness, writer, { value: 'after', basedOn: 15 });
    await harness.until(() => versions.at(-1) === 16);
    stop();
  },

  'the largest values fit with their whole history, and larger ones are refused': async (
    harness,
  ) => {
    const source = harness.open();
    const largest = '"'.repeat(configValueMaxBytes);
    for (let version = 0; version < configHistoryMax + 1; version++) {
      await write(harness, source, { value: largest, basedOn: version });
    }
    await assert.rejects(
      write(harness, source, { value: `${largest}x`, basedOn: configHistoryMax + 1 }),
      code('veltrix-coordination-too-large'),
    );
  },

  'a change without a valid key, who or why is refused': async (harness) => {
    const source = harness.open();
    for (const change of [
      { key: 'a/b' },
      { key: '' },
      { by: '' },
      { why: '  ' },
      { why: 'x'.repeat(501) },
    ]) {
      await assert.rejects(write(harness, source, change), code('veltrix-config-invalid'));
    }
    assert.throws(() => source.watch('a/b', { changed: () => {} }), code('veltrix-config-invalid'));
    await assert.rejects(
      answer(harness, (done) => source.read('a/b', done)),
      code('veltrix-config-invalid'),
    );
  },

  'a document edited by hand is a named error, and the last good value stands': async (harness) => {
    const source = harness.open();
    await write(harness, source, { value: 'good' });
    const shown: (string | undefined)[] = [];
    const problems: string[] = [];
    source.watch('limits', {
      changed: (document) => shown.push(document?.value),
      problem: (error) => problems.push((error as CodedError).id),
    });
    await harness.until(() => shown.length === 1);
    for (const [index, text] of ['good', '{"format":1,"versions":[]}'].entries()) {
      await harness.edit('/config/limits', text);
      await harness.until(() => problems.length === index + 1);
    }
    const damaged = code('veltrix-coordination-damaged');
    await assert.rejects(
      answer(harness, (done) => source.read('limits', done)),
      damaged,
    );
    await assert.rejects(write(harness, source, { basedOn: 1 }), damaged);
    await harness.edit('/config/limits', undefined);
    await harness.until(() => shown.length === 2);
    await write(harness, source, { value: 'again' });
    await harness.until(() => shown.at(-1) === 'again');
    assert.deepEqual(problems, [...Array(2)].fill('veltrix-coordination-damaged'));
  },
};
