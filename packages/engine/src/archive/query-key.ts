import { idFromHex } from '@hunt/rules';
import type { EventQuery } from './archive.ts';
import { commandKey, huntKey, teamKey, treasureKey } from './posting-key.ts';

const maxQueryEvents = 10_000;

export function checkLimit({ limit }: EventQuery): void {
  if (!(limit >= 1 && limit <= maxQueryEvents)) throw new RangeError(`events with limit ${limit}`);
}

/** The key with the fewest records behind it. */
export function keyOf(query: EventQuery): number {
  const hunt = idOf(query.huntId);
  const key = huntKey(hunt.low, hunt.high);
  if (query.teamId !== undefined) {
    const team = idOf(query.teamId);
    return teamKey(key, team.low, team.high);
  }
  return query.treasure === undefined ? key : treasureKey(key, query.treasure);
}

/** Undefined for what is no command id. */
export function commandKeyOf(commandId: string): number | undefined {
  if (!/^[0-9a-f]{32}$/.test(commandId)) return undefined;
  const id = Buffer.from(commandId, 'hex');
  return commandKey(new DataView(id.buffer, id.byteOffset, id.length), 0);
}

function idOf(hex: string) {
  const id = idFromHex(hex);
  if (id === undefined) throw new RangeError(`not an id: ${hex}`);
  return id;
}
