import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Brownout } from './brownout.ts';

const all = { least: 0, most: 3 };

const pressures: Record<string, number> = { P: 1.5, c: 0.1, '-': 0.7 };

/** The level after each window: `P` for pressure, `c` for calm, `-` for between. */
function levels(windows: string, settings = all, graded?: number): string {
  const brownout = new Brownout(() => settings, graded);
  return [...windows]
    .map((window) => {
      brownout.window(pressures[window]!);
      return brownout.level;
    })
    .join('');
}

suite('a brownout', () => {
  const table: readonly (readonly [name: string, windows: string, levels: string])[] = [
    ['one bad window is no trouble', 'PcPcPc', '000000'],
    ['two in a row are, one level at a time', 'PPPPPP', '011223'],
    ['it never goes above the most', 'PPPPPPPPPP', '0112233333'],
    ['it falls after five calm windows, one level at a time', 'PPPPcccccccccc', '01122222111110'],
    ['between pressure and calm all stays', 'PP----------', '011111111111'],
    ['calm has to be in a row', 'PPcccc-cccc-cccccc', '011111111111111100'],
    [
      'a level that is left too soon has to be calm for twice as long the next time',
      'PPcccccPPccccccccccc',
      '01111100111111111100',
    ],
  ];
  for (const [name, windows, expected] of table) {
    test(name, () => assert.equal(levels(windows), expected));
  }

  test('it may be pinned, bounded and switched off', () => {
    assert.equal(levels('PPPPcccccc', { least: 2, most: 2 }), '2222222222');
    assert.equal(levels('PPPPPPPP', { least: 0, most: 1 }), '01111111');
    assert.equal(levels('PPPPPPPP', { least: 0, most: 0 }), '00000000');
  });

  test('a graded level falls after five calm windows from when all is done again', () => {
    // Three of pressure at it leave 0.61: four calm ones until all is done.
    const windows = 'PPPPPPPPcccccccccc';
    assert.equal(levels(windows), '011223333333222221');
    assert.equal(levels(windows, all, 3), '011223333333333322');
  });

  test('of what a graded level leaves out as much is done as there is room for: nothing where it is pinned', () => {
    let settings = all;
    const brownout = new Brownout(() => settings, 2);
    const shares = [...'PPPPPP-cccc'].map((window) => {
      brownout.window(pressures[window]!);
      return Math.round(100 * brownout.served);
    });
    assert.deepEqual(shares, [100, 100, 100, 85, 72, 61, 61, 71, 81, 91, 100]);
    const admitted = () => Array.from({ length: 100 }, () => brownout.admits()).filter(Boolean);
    brownout.window(1.5);
    assert.equal(admitted().length, 85);
    settings = { least: 2, most: 3 };
    assert.deepEqual([brownout.served, admitted().length], [0, 0]);
    settings = { least: 0, most: 1 };
    assert.deepEqual([brownout.served, admitted().length], [1, 100]);
  });

  test('a setting that changes holds at once', () => {
    let settings = all;
    const brownout = new Brownout(() => settings);
    for (let window = 0; window < 6; window++) brownout.window(2);
    assert.equal(brownout.level, 3);
    settings = { least: 0, most: 0 };
    assert.equal(brownout.level, 0);
  });

  test('whatever comes, it moves by one level at most, within its bounds, and calm ends it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true })), (pressures) => {
        const brownout = new Brownout(() => all);
        let before = 0;
        for (const pressure of pressures) {
          brownout.window(pressure);
          assert.ok(Math.abs(brownout.level - before) <= 1);
          assert.ok(brownout.level >= 0 && brownout.level <= 3);
          before = brownout.level;
        }
        for (let window = 0; window < 3 * 80; window++) brownout.window(0);
        assert.equal(brownout.level, 0);
      }),
      { numRuns: 300 },
    );
  });
});
