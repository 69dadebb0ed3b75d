import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { reads, tables, writes } from './cql.ts';

/* What the statements promise is read from the statements. */

interface Table {
  readonly partitionKey: readonly string[];
  readonly clustering: readonly string[];
}

function tableOf(create: string): Table {
  const key = /PRIMARY KEY \(\(([^)]*)\),?([^)]*)\)/.exec(create);
  assert.ok(key, create);
  return { partitionKey: namesIn(key[1]!), clustering: namesIn(key[2]!) };
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function tableIn(statement: string): Table {
  const name = /(?:FROM|INTO)\s+(\w+)/.exec(statement)?.[1];
  const create = tables[name ?? ''];
  assert.ok(create, `no table ${name}`);
  return tableOf(create);
}

describe('the statements of the archive in Cassandra', () => {
  for (const [name, read] of Object.entries(reads)) {
    it(`reads ${name} from one Cassandra partition, rows that lie together`, () => {
      assert.doesNotMatch(read, /ALLOW|FILTERING|\bIN\b|\bOR\b|token\(/i);
      const { partitionKey, clustering } = tableIn(read);
      const conditions = (/WHERE([\s\S]*)$/.exec(read)?.[1] ?? '').split(/\bAND\b/);
      const bound = conditions.map((condition) => /^\s*(\w+) = \S+\s*$/.exec(condition)?.[1]);
      assert.deepEqual(
        bound.slice().sort(),
        [...partitionKey, ...clustering.slice(0, bound.length - partitionKey.length)].sort(),
      );
    });
  }

  for (const [name, write] of Object.entries(writes)) {
    it(`writes ${name} as a row that is the same when it is written again`, () => {
      assert.doesNotMatch(write, /now\(\)|uuid\(\)|\bIF\b|TTL/i);
      const columns = namesIn(/\(([^)]*)\)/.exec(write)![1]!);
      const { partitionKey, clustering } = tableIn(write);
      for (const key of [...partitionKey, ...clustering]) assert.ok(columns.includes(key), key);
    });
  }

  it('are all in one file, or about the keyspace', () => {
    const files = readdirSync(import.meta.dirname).filter(
      (file) => file.endsWith('.ts') && !file.includes('.test.'),
    );
    const elsewhere = files.filter((file) => {
      if (file === 'cql.ts' || file === 'keyspace.ts') return false;
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      return /\b(SELECT|INSERT INTO|UPDATE|DELETE) /.test(text);
    });
    assert.deepEqual(elsewhere, []);
  });
});
