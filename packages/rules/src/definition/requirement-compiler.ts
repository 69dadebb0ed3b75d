import { nearestName } from 'veltrix';
import type { HuntReader } from './hunt-dialect.ts';
import { huntLimits } from './hunt-limits.ts';
import type { RequirementDraft } from './hunt-shape.ts';
import type { Requirement } from './requirement.ts';

/** Turns the ids of a `requires` into step numbers and its three forms into one. */
export class RequirementCompiler {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #reader: HuntReader;
  #items = 0;
  #faulty = false;

  constructor(numbers: ReadonlyMap<string, number>, reader: HuntReader) {
    this.#numbers = numbers;
    this.#reader = reader;
  }

  /** Null for none, and after a problem: what cannot be understood must not make more steps unreachable. */
  compile(draft: RequirementDraft | undefined, path: string): Requirement | null {
    this.#items = 0;
    this.#faulty = false;
    if (draft === undefined) return null;
    const compiled = this.#item(draft, path);
    if (this.#items > huntLimits.requirementItems) {
      this.#add(path, 'rules-file-requires-too-large', {
        path,
        limit: huntLimits.requirementItems,
        unit: 'steps named',
      });
    }
    if (this.#faulty || compiled === undefined) return null;
    return typeof compiled === 'number' ? { kind: 'all', count: 1, items: [compiled] } : compiled;
  }

  #item(draft: RequirementDraft | undefined, path: string): number | Requirement | undefined {
    if (typeof draft === 'string') return this.#step(draft, path);
    if (draft?.all !== undefined) return this.#list('all', draft.all, `${path}.all`);
    if (draft?.any !== undefined) return this.#list('any', draft.any, `${path}.any`, 1);
    if (draft?.of !== undefined && draft.atLeast !== undefined) {
      const { atLeast: count, of } = draft;
      if (count > of.length) {
        this.#add(`${path}.atLeast`, 'rules-file-requires-impossible', { count, of: of.length });
      }
      return this.#list('atLeast', of, `${path}.of`, count);
    }
    this.#faulty = true;
    return undefined;
  }

  #list(
    kind: Requirement['kind'],
    drafts: readonly (RequirementDraft | undefined)[],
    path: string,
    count = drafts.length,
  ): Requirement {
    // The reader has complained; with no entries even "any" would never be met.
    if (drafts.length === 0) this.#faulty = true;
    const named = new Set<string>();
    const items: (number | Requirement)[] = [];
    for (const [index, draft] of drafts.entries()) {
      const itemPath = `${path}[${index}]`;
      if (typeof draft === 'string') {
        if (named.has(draft)) this.#add(itemPath, 'rules-file-requires-repeated', { step: draft });
        named.add(draft);
      }
      const item = this.#item(draft, itemPath);
      if (item !== undefined) items.push(item);
    }
    return { kind, count, items };
  }

  #step(id: string, path: string): number | undefined {
    this.#items++;
    const number = this.#numbers.get(id);
    if (number === undefined) {
      const nearest = nearestName(id, this.#numbers.keys());
      const hint = nearest === undefined ? undefined : `Did you mean "${nearest}"?`;
      this.#add(path, 'rules-file-step-unknown', { step: id }, hint);
    }
    return number;
  }

  #add(...problem: Parameters<HuntReader['add']>): void {
    this.#faulty = true;
    this.#reader.add(...problem);
  }
}
