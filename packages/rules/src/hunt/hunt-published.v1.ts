import type { EventView } from 'veltrix';
import { type HuntTables, huntColumn } from '../fold/hunt-tables.ts';
import { subject, subjectBytes } from '../subject/subject.ts';
import { capacityOf } from './live-hunt.ts';
import type { PublishedHunt } from './published-hunt.ts';

export function evolveHuntPublishedV1(tables: HuntTables, event: EventView): void {
  const { view, payloadStart } = event;
  const low = subject.huntLow(view, payloadStart);
  const high = subject.huntHigh(view, payloadStart);
  const size = subject.value(view, payloadStart);
  const start = payloadStart + subjectBytes;
  const json = event.bytes.slice(start, start + size);
  const row = tables.findHunt(low, high)?.row ?? addHunt(tables, low, high, json);
  const { words } = tables.hunts.write(row);
  const at = tables.hunts.at(row);
  words[at + huntColumn.textRow] = tables.addText(json);
  words[at + huntColumn.textBytes] = size;
  tables.revive(row);
}

function addHunt(tables: HuntTables, low: number, high: number, json: Uint8Array): number {
  const { definition } = JSON.parse(new TextDecoder().decode(json)) as PublishedHunt;
  const capacity = capacityOf(definition);
  const row = tables.hunts.add();
  const { words } = tables.hunts.write(row);
  const at = tables.hunts.at(row);
  words[at] = low;
  words[at + 1] = high;
  words[at + huntColumn.stepCapacity] = capacity.steps;
  words[at + huntColumn.treasureCapacity] = capacity.treasures;
  words[at + huntColumn.firstTreasureRow] = tables.treasures.rows;
  for (let item = 0; item < capacity.treasures + capacity.steps; item++) tables.treasures.add();
  return row;
}
