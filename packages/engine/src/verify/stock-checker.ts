import { eventType, idToHex, subject } from '@hunt/rules';
import { type HuntTables, treasureColumn } from '@hunt/rules/fold';
import type { EventView } from 'veltrix';
import type { ViolationList } from './violation-list.ts';

interface Taken {
  granted: number;
  reserved: number;
}

/** What each event takes from the stock. */
const changes: ReadonlyMap<number, Readonly<Taken>> = new Map([
  [eventType.treasureGranted, { granted: 1, reserved: 0 }],
  [eventType.treasureReserved, { granted: 0, reserved: 1 }],
  [eventType.treasureCollected, { granted: 1, reserved: -1 }],
  [eventType.reservationExpired, { granted: 0, reserved: -1 }],
]);

/**
 * No treasure is granted or reserved more often than there are, no first-solver bonus twice. Counts
 * the events by itself; of the state it takes only the hunt's definition.
 */
export class StockChecker {
  readonly #tables: HuntTables;
  readonly #violations: ViolationList;
  readonly #taken = new Map<string, Map<number, Taken>>();

  constructor(tables: HuntTables, violations: ViolationList) {
    this.#tables = tables;
    this.#violations = violations;
  }

  /** Takes over what was granted and reserved before the proof begins. */
  begin(): void {
    for (const hunt of this.#tables.live) {
      const items = hunt.capacity.treasures + hunt.capacity.steps;
      for (let item = 0; item < items; item++) {
        const row = hunt.firstTreasureRow + item;
        const taken = this.#of(idToHex(hunt.id.low, hunt.id.high), item);
        taken.granted = this.#tables.treasure(row, treasureColumn.granted);
        taken.reserved = this.#tables.treasure(row, treasureColumn.reserved);
      }
    }
  }

  /** @param offset of the event's record. */
  check(event: EventView, offset: number): void {
    const change = changes.get(event.type);
    if (change !== undefined) this.#take(event, offset, change.granted, change.reserved);
  }

  #take(event: EventView, offset: number, granted: number, reserved: number): void {
    const { view, payloadStart } = event;
    const item = subject.item(view, payloadStart);
    const low = subject.huntLow(view, payloadStart);
    const high = subject.huntHigh(view, payloadStart);
    const taken = this.#of(idToHex(low, high), item);
    taken.granted += granted;
    taken.reserved += reserved;
    const hunt = this.#tables.findHunt(low, high);
    if (hunt === undefined) {
      this.#violations.add(offset, 'grants-within-stock', 'a grant for a hunt that is not there');
      return;
    }
    const isBonus = item >= hunt.capacity.treasures;
    const stock = isBonus ? 1 : (hunt.definition.treasures[item]?.stock ?? 0);
    if (taken.reserved < 0) {
      this.#violations.add(offset, 'grants-within-stock', `treasure ${item} lost a reservation`);
    }
    // A collection and an expiry take nothing more, even when a later version lowered the stock.
    if (granted + reserved > 0 && taken.granted + taken.reserved > stock) {
      const count = `${taken.granted} granted and ${taken.reserved} reserved of ${stock}`;
      this.#violations.add(offset, 'grants-within-stock', `treasure ${item}: ${count}`);
    }
  }

  #of(hunt: string, item: number): Taken {
    const items = this.#taken.get(hunt) ?? new Map<number, Taken>();
    const taken = items.get(item) ?? { granted: 0, reserved: 0 };
    this.#taken.set(hunt, items);
    items.set(item, taken);
    return taken;
  }
}
