import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom } from '../simulator/seeded-random.ts';
import { defaultCircuitBreakerSettings } from './circuit-breaker.ts';
import { type PeerCall, PeerPicker } from './peer-picker.ts';

const happening = fc.record({
  kind: fc.constantFrom('pick', 'pick', 'succeed', 'fail', 'pass'),
  from: fc.integer({ min: 0, max: 7 }),
  count: fc.integer({ min: 0, max: 5 }),
  ms: fc.integer({ min: 0, max: 2_000 }),
});

test('whatever comes of calls: who is picked was asked for, nobody is kept out for longer than the breaker says, nor a lone peer that answers', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 300 }), fc.nat(), (happenings, seed) => {
      const random = new SeededRandom(seed);
      let now = 0;
      const settings = { peersMax: 6 };
      const picker = new PeerPicker({ now: () => now, random: () => random.next(), settings });
      const calls: PeerCall[] = [];
      for (const { kind, from, count, ms } of happenings) {
        const peers = Array.from({ length: count }, (_, index) => `p${(from + index) % 8}`);
        if (kind === 'pass') now += ms;
        else if (kind === 'pick') {
          const call = picker.pick(peers);
          if (call) {
            assert.ok(peers.includes(call.peer));
            calls.push(call);
          } else if (count > 0) {
            assert.ok(picker.waitMs(peers) <= defaultCircuitBreakerSettings.openMaxMs);
          }
        } else {
          const call = calls.splice(from % Math.max(1, calls.length), 1)[0];
          if (kind === 'succeed') call?.succeeded();
          else call?.failed();
        }
      }
      for (const call of calls) call.succeeded();
      now += defaultCircuitBreakerSettings.openMaxMs;
      for (let peer = 0; peer < 8; peer++) {
        for (let time = 0; time < 10; time++) {
          const call = picker.pick([`p${peer}`]);
          assert.equal(call?.peer, `p${peer}`);
          now += 3_000;
          call.succeeded();
        }
      }
    }),
    { numRuns: 200 },
  );
});
