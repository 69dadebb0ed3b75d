import { createHash } from 'node:crypto';
import { pageBytes, Table } from './table.ts';

/** All tables of one partition's state, in the order they were declared. */
export class StateSpace {
  readonly tables: Table[] = [];
  readonly #maxRows: number;

  /** @param maxRows limit of rows in each table that does not say its own (`processor.tableMaxRows`). */
  constructor(maxRows: number) {
    this.#maxRows = maxRows;
  }

  /** Declares a table. Rows have `rowBytes` bytes, a multiple of 8; one that says its `maxRows` has that limit. */
  table(name: string, rowBytes: number, maxRows = this.#maxRows): Table {
    const table = new Table(name, rowBytes, maxRows);
    this.tables.push(table);
    return table;
  }

  /**
   * SHA-256, hex, over every row of every table: equal for equal folds on every machine.
   * @param except name of a table that is left out
   */
  hash(except?: string): string {
    const hash = createHash('sha256');
    for (const table of this.tables) {
      if (table.name === except) continue;
      hash.update(`${table.name} ${table.rowBytes} ${table.rows}\n`);
      let left = table.rows;
      for (const page of table.pages) {
        const rows = Math.min(left, table.rowsPerPage);
        if (rows === 0) break;
        hash.update(page.bytes.subarray(0, rows * table.rowBytes));
        left -= rows;
      }
    }
    return hash.digest('hex');
  }

  bytes(): number {
    return this.tables.reduce((sum, table) => sum + table.pages.length * pageBytes, 0);
  }
}
