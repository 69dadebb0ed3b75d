import type { StateStore } from '../checkpoint/state-store.ts';
import type { PartitionFold } from './partition-fold.ts';

/**
 * Puts the newest whole checkpoint into a fold that is still empty. Returns the offset of the first
 * event that is not in it, or undefined when there is no checkpoint.
 */
export function restoreFold(
  fold: PartitionFold,
  store: StateStore,
  layout: string,
  onDamage: (file: string, reason: string) => void,
): number | undefined {
  const loaded = store.load(layout, onDamage);
  if (!loaded) return undefined;
  for (const [number, table] of loaded.header.tables.entries()) {
    fold.space.tables[number]!.rows = table.rows;
  }
  loaded.pages(({ table, page, bytes }) => fold.space.tables[table]!.restorePage(page, bytes));
  fold.restored();
  return loaded.header.eventOffset;
}
