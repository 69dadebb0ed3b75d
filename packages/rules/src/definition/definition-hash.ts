import { createHash } from 'node:crypto';
import type { HuntDefinition } from './hunt-definition.ts';

/**
 * Hex SHA-256 over the canonical form of a definition without its `contentHash`: JSON without white
 * space, keys sorted by code unit, UTF-8.
 */
export function definitionHash(definition: Omit<HuntDefinition, 'contentHash'>): string {
  const content: Record<string, unknown> = { ...definition };
  delete content['contentHash'];
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)),
    );
  });
}
