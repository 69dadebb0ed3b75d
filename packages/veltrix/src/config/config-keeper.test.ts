import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clusterLayer, encodeClusterSettings } from './cluster-settings.ts';
import { type AppliedChange, ConfigKeeper } from './config-keeper.ts';
import { flagLayer } from './config-layer.ts';
import { ConfigSchema } from './config-schema.ts';
import { resolveConfig } from './resolve-config.ts';

const said = { text: 'A property.', why: 'For tests.' };
const number = { ...said, type: 'integer', least: 0, most: 100 } as const;
const schema = new ConfigSchema({
  prefix: 'X',
  roles: ['gateway'],
  table: {
    'a.low': { ...number, default: 1, dynamic: true },
    'a.high': { ...number, default: 10, dynamic: true },
    'a.fixed': { ...number, default: 5 },
    'b.other': { ...number, default: 7, dynamic: true, perHunt: true },
    'b.fixed': { ...number, default: 3 },
    'b.most': { ...number, default: 50 },
  },
  relations: [
    {
      names: ['a.low', 'a.high'],
      problem: (values) => (Number(values['a.low']) > Number(values['a.high']) ? 'no' : undefined),
    },
    {
      names: ['b.other', 'b.most'],
      problem: (values) =>
        Number(values['b.other']) > Number(values['b.most']) ? 'no' : undefined,
    },
  ],
});

function layer(values: Record<string, string>, node?: string, kind: 'node' | 'hunt' = 'node') {
  const target = node === undefined ? {} : { target: { kind, of: node } };
  const settings = Object.entries(values).map(([name, value]) => ({ name, value, ...target }));
  return clusterLayer({ value: encodeClusterSettings(settings), version: 1 });
}

const changedNames = ({ changed }: AppliedChange) => changed.map(({ name }) => name);

const newKeeper = (texts: readonly string[] = []) =>
  new ConfigKeeper({ schema, layers: [flagLayer(texts)], asker: { node: 'one' } });

test('a change is seen as a whole, by one object, and told', () => {
  const keeper = newKeeper();
  const live = keeper.live('a');
  assert.equal(keeper.live('a'), live);
  const seen: unknown[] = [];
  live.onChange(() => seen.push({ ...live.current }));
  const applied = keeper.apply(layer({ 'a.low': '20', 'a.high': '30' }));
  const place = 'the cluster, version 1';
  assert.deepEqual(applied, {
    changed: [
      { name: 'a.low', before: 1, after: 20, place },
      { name: 'a.high', before: 10, after: 30, place },
    ],
    waiting: [],
  });
  assert.deepEqual(seen, [{ low: 20, high: 30, fixed: 5 }]);
  assert.equal(keeper.isSet('a.low'), true);
});

test('scopes that a change leaves alone are not told', () => {
  const keeper = newKeeper();
  keeper.live('b').onChange(() => assert.fail('told'));
  const before = keeper.live('b').current;
  keeper.apply(layer({ 'a.low': '2' }));
  assert.equal(keeper.live('b').current, before);
});

test('what is wrong changes nothing, whichever part of it is right', () => {
  const keeper = newKeeper();
  const live = keeper.live('a');
  const before = live.current;
  live.onChange(() => assert.fail('told'));
  for (const [values, id] of [
    [{ 'b.other': '8', 'a.low': '101' }, 'veltrix-setting-invalid'],
    [{ 'b.other': '8', 'a.lov': '1' }, 'veltrix-setting-unknown'],
    [{ 'b.other': '8', 'a.low': '11' }, 'veltrix-setting-contradiction'],
    [{ 'a.low': 'x', 'a.high': 'y' }, 'veltrix-settings-refused'],
  ] as const) {
    assert.throws(() => keeper.apply(layer(values)), { id });
    assert.equal(live.current, before);
    assert.equal(keeper.values['b.other'], 7);
  }
});

test('what a node has of its own comes first, and what contradicts it is refused', () => {
  const keeper = newKeeper(['a.high=12']);
  assert.deepEqual(changedNames(keeper.apply(layer({ 'a.high': '50' }))), []);
  assert.throws(() => keeper.apply(layer({ 'a.low': '40', 'a.high': '50' })), {
    id: 'veltrix-setting-contradiction',
    message: /a\.low is 40 \(the cluster, version 1\), a\.high is 12 \(--set a\.high\)/,
  });
});

test('what is for another node does not count, and is taken back when it is gone', () => {
  const keeper = newKeeper();
  assert.deepEqual(changedNames(keeper.apply(layer({ 'a.low': '3' }, 'two'))), []);
  assert.deepEqual(changedNames(keeper.apply(layer({ 'a.low': '3' }, 'one'))), ['a.low']);
  assert.deepEqual(changedNames(keeper.apply(layer({}))), ['a.low']);
  assert.equal(keeper.values['a.low'], 1);
});

test('what is read at start only stays as it was then, unless nothing has started', () => {
  const keeper = newKeeper();
  keeper.begin(layer({ 'a.fixed': '6' }));
  assert.equal(keeper.values['a.fixed'], 6);
  const applied = keeper.apply(layer({ 'a.fixed': '9', 'a.low': '2' }));
  assert.deepEqual([changedNames(applied), applied.waiting], [['a.low'], ['a.fixed']]);
  assert.deepEqual([keeper.values['a.fixed'], keeper.live('a').current['fixed']], [6, 6]);
  keeper.apply(layer({}));
  assert.deepEqual([keeper.values['a.fixed'], keeper.isSet('a.fixed')], [6, true]);
});

test('a hunt may have values of its own, and nobody else has them', () => {
  const keeper = newKeeper();
  const byHunt = keeper.liveByHunt('b');
  assert.equal(byHunt.current.byHunt.size, 0);
  let told = 0;
  byHunt.onChange(() => {
    told += 1;
  });
  const own = keeper.apply(layer({ 'b.other': '9' }, 'night', 'hunt'));
  const place = 'the cluster, version 1';
  assert.deepEqual(own.changed, [{ name: 'b.other', hunt: 'night', before: 7, after: 9, place }]);
  assert.deepEqual(byHunt.current.byHunt.get('night'), { other: 9, fixed: 3, most: 50 });
  assert.equal(byHunt.current.byHunt.get('constructor'), undefined);
  assert.equal(keeper.values['b.other'], 7);
  assert.throws(() => keeper.apply(layer({ 'b.other': '101' }, 'night', 'hunt')), {
    id: 'veltrix-setting-invalid',
  });
  keeper.apply(layer({}));
  assert.deepEqual([byHunt.current.byHunt.size, told], [0, 2]);
});

test('what changes for everybody is told once, and not again of hunts with values of their own', () => {
  const keeper = newKeeper();
  const own = layer({ 'b.other': '9' }, 'night', 'hunt');
  keeper.apply(own);
  const { entries } = layer({ 'a.low': '2', 'b.other': '8' });
  const { changed } = keeper.apply({ ...own, entries: [...own.entries, ...entries] });
  assert.deepEqual(
    changed.map(({ name, hunt }) => [name, hunt]),
    [
      ['a.low', undefined],
      ['b.other', undefined],
    ],
  );
});

test('a hunt with values of its own has what is read at start only as it was then, too', () => {
  const keeper = newKeeper();
  const byHunt = keeper.liveByHunt('b');
  const own = layer({ 'b.other': '9' }, 'night', 'hunt');
  keeper.apply({ ...own, entries: [...own.entries, ...layer({ 'b.fixed': '4' }).entries] });
  assert.deepEqual(byHunt.current.byHunt.get('night'), { other: 9, fixed: 3, most: 50 });
});

test('what may not be beside a value that waits waits with it, for a hunt, too', () => {
  const keeper = newKeeper();
  const byHunt = keeper.liveByHunt('b');
  const { changed, waiting } = keeper.apply(
    layer({ 'b.other': '60', 'b.most': '70', 'a.low': '2' }),
  );
  assert.deepEqual(
    changed.map(({ name }) => name),
    ['a.low'],
  );
  assert.deepEqual(waiting, ['b.other', 'b.most']);
  assert.deepEqual([keeper.values['b.other'], keeper.values['b.most']], [7, 50]);
  const most = layer({ 'b.most': '70' });
  const own = layer({ 'b.other': '60' }, 'night', 'hunt');
  const forHunt = keeper.apply({ ...most, entries: [...most.entries, ...own.entries] });
  assert.deepEqual(forHunt.waiting, ['b.most', 'b.other']);
  assert.equal(byHunt.current.byHunt.get('night')?.['other'], 7);
});

test('what one source says stands in place of what it said before, and leaves the others alone', () => {
  const file = (values: Record<string, string>) => ({ ...layer(values), source: 'file' as const });
  const keeper = newKeeper();
  keeper.apply(file({ 'a.low': '2', 'b.other': '8' }));
  keeper.apply(layer({ 'b.other': '9' }));
  assert.deepEqual([keeper.values['a.low'], keeper.values['b.other']], [2, 9]);
  assert.deepEqual(changedNames(keeper.apply(file({ 'b.other': '8' }))), ['a.low']);
  assert.deepEqual([keeper.values['a.low'], keeper.values['b.other']], [1, 9]);
  assert.deepEqual(changedNames(keeper.apply(layer({}))), ['b.other']);
  assert.equal(keeper.values['b.other'], 8);
});

test('after any changes the values are those of the last that could be taken', () => {
  const names = ['a.low', 'a.high', 'a.fixed', 'b.other', 'a.none'] as const;
  const change = fc.dictionary(
    fc.constantFrom(...names),
    fc.integer({ min: -5, max: 105 }).map(String),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const keeper = newKeeper();
      const live = keeper.live('a');
      let expected = resolveConfig(schema, [], {}).values;
      for (const values of changes) {
        const wanted = layer(values);
        const { problems, values: resolved } = resolveConfig(schema, [wanted], {});
        if (problems.length > 0) assert.throws(() => keeper.apply(wanted));
        else {
          keeper.apply(wanted);
          expected = { ...resolved, 'a.fixed': 5 };
        }
        assert.deepEqual(keeper.values, expected);
        assert.deepEqual(
          { ...live.current },
          {
            ...{ low: expected['a.low'], high: expected['a.high'], fixed: expected['a.fixed'] },
          },
        );
      }
    }),
  );
});

test('a listener that fails keeps no other part of the process from what changed', () => {
  const keeper = newKeeper();
  const [first, second] = [keeper.live('a'), keeper.live('b')];
  first.onChange(() => {
    throw new Error('broken');
  });
  assert.throws(() => keeper.apply(layer({ 'a.high': '20', 'b.other': '8' })), AggregateError);
  assert.deepEqual([first.current['high'], second.current['other']], [20, 8]);
  assert.equal(keeper.values['b.other'], 8);
});
