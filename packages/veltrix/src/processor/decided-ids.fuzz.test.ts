import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DecisionView } from '../records/decision-record.ts';
import { StateSpace } from '../state/state-space.ts';
import { DecidedIds } from './decided-ids.ts';

/* Against a plain list of the latest ids: whatever was remembered within the window is found, nothing else. */

const window = 8;

function viewOf(id: number): DataView {
  const view = new DataView(new ArrayBuffer(16));
  view.setInt32(0, id, true);
  view.setInt32(12, id * 7, true);
  return view;
}

function decisionOf(id: number): DecisionView {
  const decision = new DecisionView();
  decision.view = viewOf(id);
  decision.idStart = 0;
  decision.code = id & 0xffff;
  decision.status = 1;
  decision.a = id;
  decision.b = id + 1;
  decision.contentHash = id;
  return decision;
}

describe('decided ids', () => {
  for (const restore of [false, true]) {
    test(`finds the latest ids and no others${restore ? ', restored at any time' : ''}`, () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 100 }), (ids) => {
          const space = new StateSpace(1000);
          const decided = new DecidedIds(space, window);
          const kept: number[] = [];
          let count = 0;
          for (const id of ids) {
            if (restore && id % 5 === 0) decided.restored(count);
            const found = decided.find(viewOf(id), 0);
            assert.equal(found !== undefined, kept.includes(id));
            if (found) assert.deepEqual([found.code, found.a, found.b], [id, id, id + 1]);
            else {
              decided.remember(count++, decisionOf(id));
              kept.push(id);
              if (kept.length > window) kept.shift();
            }
          }
          for (let id = 0; id <= 24; id++) {
            assert.equal(decided.find(viewOf(id), 0) !== undefined, kept.includes(id));
          }
        }),
        { numRuns: 500 },
      );
    });
  }
});
