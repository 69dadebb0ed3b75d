import type { Budget } from '@hunt/engine/sizing';
import { type NumberProperty, readValue } from 'veltrix/config';
import { cliErrors } from '../errors.ts';

const keys: Readonly<Record<string, keyof Budget>> = {
  nodes: 'nodes',
  cores: 'cores',
  memory: 'memoryBytes',
  price: 'price',
  'per-hour': 'pricePerHour',
};
const memory: NumberProperty = {
  ...{ type: 'bytes', default: 0, least: 0, most: 2 ** 50 },
  ...{ text: 'Memory of a node.', why: 'Less of it is cheaper.' },
};
const budgetForm = 'nodes=N,cores=N,memory=8GiB,price=0.12,per-hour=1.50';

/** Reads what `--budget` says: some of the keys, each once. Throws cli-flag-value-invalid. */
export function budgetFrom(text: string): Budget {
  const budget: { -readonly [Key in keyof Budget]: number } = {};
  for (const part of text.split(',')) {
    const [name = '', value = '', more] = part.split('=').map((word) => word.trim());
    const key = keys[name];
    const number = key === 'memoryBytes' ? bytesOf(value) : numberOf(value);
    if (key === undefined || key in budget || number === undefined || more !== undefined) {
      throw cliErrors.create('cli-flag-value-invalid', {
        ...{ flag: '--budget', expected: `some of ${budgetForm}`, found: part.trim() },
      });
    }
    budget[key] = number;
  }
  return budget;
}

function numberOf(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function bytesOf(text: string): number | undefined {
  const read = readValue(memory, text);
  return 'value' in read ? Number(read.value) : undefined;
}
