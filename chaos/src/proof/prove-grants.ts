import type { ChaosHunt } from '../crowd/chaos-hunt.ts';
import type { DecidedLog } from './decided-log.ts';
import type { Findings } from './findings.ts';
import { eventTypes } from './outcome-words.ts';

interface Taken {
  claims: number;
  /** Claims that were told that nothing is left. */
  late: number;
  granted: number;
  reserved: number;
}

/** Granted and reserved together never exceed the stock; where more wanted it than there was, nothing is left. */
export function proveGrants(
  hunts: ReadonlyMap<string, ChaosHunt>,
  log: DecidedLog,
  findings: Findings,
): { readonly granted: number; readonly contested: number } {
  const taken = new Map<string, Taken>();
  const of = (hunt: string, item: number): Taken => {
    const key = `${hunt}/${item}`;
    const found = taken.get(key) ?? { claims: 0, late: 0, granted: 0, reserved: 0 };
    taken.set(key, found);
    return found;
  };
  for (const { type, hunt: id, item } of log.events) {
    const hunt = hunts.get(id);
    if (hunt === undefined) continue;
    const one = of(id, item);
    // A claim that comes too late is not always asked for first: the team's partition may know.
    if (type === eventTypes.claimRequested) one.claims += 1;
    else if (type === eventTypes.treasureSoldOut) one.late += 1;
    else if (type === eventTypes.treasureGranted) one.granted += 1;
    else if (type === eventTypes.treasureReserved) one.reserved += 1;
    else if (type === eventTypes.reservationExpired) one.reserved -= 1;
    else if (type === eventTypes.treasureCollected) {
      one.reserved -= 1;
      one.granted += 1;
    } else continue;
    // A step's bonus is a treasure of one behind the last treasure.
    const stock = hunt.drops[item]?.stock ?? 1;
    if (one.granted + one.reserved > stock || one.reserved < 0) {
      const now = `${one.granted} granted and ${one.reserved} reserved of ${stock}`;
      findings.add('overGranted', `${hunt.id}, treasure ${item}: ${now}`);
    }
  }
  let [granted, contested] = [0, 0];
  for (const [id, hunt] of hunts) {
    for (const [item, { stock, isReserved, id: drop }] of hunt.drops.entries()) {
      const one = of(id, item);
      granted += one.granted;
      if (one.claims <= stock && one.late === 0) continue;
      contested += 1;
      // What is held and not collected goes back, and nobody may come for it then.
      if (!isReserved && one.granted < stock) {
        const wanted = `${one.claims} claimed, ${one.late} came too late`;
        const message = `${hunt.id}, ${drop}: ${wanted}, ${one.granted} of ${stock} granted`;
        findings.add('lost', message, stock - one.granted);
      }
    }
  }
  return { granted, contested };
}
