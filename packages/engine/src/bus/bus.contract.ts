import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from './bus.ts';

/** A bus under test: `settle` waits until what was published has arrived or is lost. */
export interface BusUnderTest {
  readonly bus: Bus;
  readonly errors: unknown[];
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** What every bus promises. */
export function testBusContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`bus contract: ${name}`, () => {
    async function withBus(test: (under: BusUnderTest) => Promise<void>): Promise<void> {
      const under = await open();
      try {
        await test(under);
      } finally {
        await under.close();
      }
    }

    it('brings records whole and in the order of their partition to every listener', () =>
      withBus(async ({ bus, settle }) => {
        const seen: string[][] = [[], []];
        for (const list of seen) {
          bus.onDecided((partition, offset, record) => {
            list.push(`${partition}/${offset}/${[...record]}`);
          });
        }
        for (let offset = 1; offset <= 20; offset++) {
          bus.publish(offset % 2, offset, Uint8Array.of(offset, 0, 255));
        }
        await settle();
        for (const list of seen) {
          for (const partition of [0, 1]) {
            const offsets = list
              .filter((entry) => entry.startsWith(`${partition}/`))
              .map((entry) => Number(entry.split('/')[1]));
            assert.deepEqual(
              offsets,
              offsets.toSorted((one, other) => one - other),
            );
          }
          assert.ok(list.includes('1/19/19,0,255'));
        }
      }));

    it('brings nothing from before a listener was added', () =>
      withBus(async ({ bus, settle }) => {
        bus.publish(0, 1, new Uint8Array(8));
        await settle();
        const seen: number[] = [];
        bus.onDecided((_partition, offset) => seen.push(offset));
        bus.publish(0, 2, new Uint8Array(8));
        await settle();
        assert.ok(!seen.includes(1));
      }));

    it('reports a listener that throws and goes on with the others', () =>
      withBus(async ({ bus, errors, settle }) => {
        const seen: number[] = [];
        bus.onDecided(() => {
          throw new Error('mine');
        });
        bus.onDecided((_partition, offset) => seen.push(offset));
        bus.publish(0, 1, new Uint8Array(8));
        await settle();
        assert.deepEqual(seen, [1]);
        assert.equal((errors[0] as Error).message, 'mine');
      }));
  });
}
