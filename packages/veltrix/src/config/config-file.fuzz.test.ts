import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { CodedError } from '../coded-error.ts';
import { parseConfig } from './config-file.ts';
import { ConfigSchema } from './config-schema.ts';
import { assertNoProblems, resolveConfig } from './resolve-config.ts';

const said = { text: 'A property.', why: 'For tests.' };
const schema = new ConfigSchema({
  prefix: 'X',
  roles: ['gateway'],
  table: {
    'gateway.waitMaxMs': { ...said, type: 'duration', default: 5, least: 1, most: 1e6 },
    'log.password': { ...said, type: 'secret', default: '' },
  },
});

const words = ['gateway', 'log', 'waitMaxMs', 'gateway.waitMaxMs', 'overrides', 'nodes', 'roles'];

/** Whatever a file holds, it is settings or coded errors with the place in them. */
function check(text: string): void {
  try {
    const layer = parseConfig(schema, text, 'f.yaml');
    assertNoProblems(resolveConfig(schema, [layer], { roles: ['gateway'], node: 'one' }).problems);
  } catch (error) {
    assert.ok(error instanceof CodedError, `${error}`);
    assert.match(error.message, /f\.yaml:\d+:\d+/);
  }
}

test('any text is settings or a coded error with its place', () => {
  const piece = fc.oneof(
    fc.constantFrom(...words, ': ', '\n', '\n  ', '{', '}', '[', '- ', '&a ', '*a', '"', '5s', '#'),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => check(pieces.join(''))),
    { numRuns: 2_000 },
  );
});

test('any structure is settings or a coded error with its place', () => {
  const key = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 5 }));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(fc.constantFrom('5s', 'x', null, true, 5, -1), fc.string({ maxLength: 5 })),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => check(stringify(value))),
    { numRuns: 1_000 },
  );
});

test('what contains itself is refused by name', () => check('gateway: { waitMaxMs: &a [*a] }'));
