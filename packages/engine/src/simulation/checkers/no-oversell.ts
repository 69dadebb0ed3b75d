import { eventType, idToHex, type PublishedHunt, readId, subject, subjectBytes } from '@hunt/rules';
import { DecisionRecordReader, type EventView } from 'veltrix';
import { type Checker, SimulationFailure } from 'veltrix/simulator';

const name = 'no-oversell';

interface Stock {
  granted: number;
  reserved: number;
}

/**
 * Of no treasure is more granted and reserved than there is, by the events alone; grants are numbered
 * 1, 2, 3 …; in the end nothing is reserved any more.
 */
export function noOversell(): Checker {
  const reader = new DecisionRecordReader();
  const stocks = new Map<string, Stock>();
  /** Highest stock of any version, by hunt and treasure. */
  const limits = new Map<string, number>();

  function publish(hunt: string, { view, bytes, payloadStart }: EventView): void {
    const start = payloadStart + subjectBytes;
    const json = bytes.subarray(start, start + subject.value(view, payloadStart));
    const { definition } = JSON.parse(Buffer.from(json).toString('utf8')) as PublishedHunt;
    for (const [item, { stock }] of definition.treasures.entries()) {
      const key = `${hunt}/${item}`;
      limits.set(key, Math.max(stock, limits.get(key) ?? 0));
    }
  }

  function apply(event: EventView): void {
    const { low, high } = readId(event.view, event.payloadStart);
    const hunt = idToHex(low, high);
    if (event.type === eventType.huntPublished) publish(hunt, event);
    const key = `${hunt}/${subject.item(event.view, event.payloadStart)}`;
    const stock = stocks.get(key) ?? { granted: 0, reserved: 0 };
    stocks.set(key, stock);
    const { type } = event;
    if (type === eventType.treasureGranted || type === eventType.treasureCollected) {
      stock.granted += 1;
      const number = subject.value(event.view, event.payloadStart);
      if (number !== stock.granted) {
        throw new SimulationFailure(name, `${key}: grant ${number} is the ${stock.granted}th`);
      }
    }
    if (type === eventType.treasureReserved) stock.reserved += 1;
    if (type === eventType.treasureCollected) stock.reserved -= 1;
    if (type === eventType.reservationExpired) stock.reserved -= 1;
    // A first-solver bonus is a treasure beyond those of the definition, with a stock of one.
    const limit = limits.get(key) ?? 1;
    if (stock.granted + stock.reserved > limit) {
      throw new SimulationFailure(
        name,
        `${key}: ${stock.granted} granted and ${stock.reserved} reserved of ${limit}`,
      );
    }
  }

  return {
    name,
    decided(_partition, _offset, events) {
      reader.open(events);
      while (reader.next()) {
        while (reader.nextEvent())
          if (reader.event.type >= eventType.huntPublished) apply(reader.event);
      }
    },
    ended() {
      for (const [key, { reserved }] of stocks) {
        if (reserved > 0)
          throw new SimulationFailure(name, `${key}: ${reserved} reserved for ever`);
      }
    },
  };
}
