import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeAnswer } from './answer.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  // Single code units, so that lone surrogates come up.
  fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);

test('normalising twice changes nothing, and never throws', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const once = normalizeAnswer(text);
      if (once === undefined) return;
      assert.ok(once.isWellFormed());
      assert.doesNotMatch(once, /^ | $| {2}|\p{Cc}|\p{Cf}/u);
      if (once.length <= 1_024) assert.equal(normalizeAnswer(once), once);
    }),
    { numRuns: 20_000 },
  );
});

test('every single character normalises to a fixed point', () => {
  for (let code = 1; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const once = normalizeAnswer(String.fromCodePoint(code));
    if (once !== undefined && normalizeAnswer(once) !== once) {
      assert.fail(`U+${code.toString(16)}: ${JSON.stringify(once)}`);
    }
  }
});
