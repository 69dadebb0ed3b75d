import { type HuntTables, queryHunts } from '@hunt/rules/fold';

/** Finds hunts that did not reach all partitions: a cut may come while one is published. */
export class PartlyPublished {
  /** Of each hunt, what each partition has of it, and how many have it. */
  readonly #byHunt = new Map<string, { readonly texts: Set<string>; partitions: number }>();
  #partitions = 0;

  look(tables: HuntTables): void {
    this.#partitions += 1;
    for (const { publishedJson } of queryHunts(tables)) {
      const { definition } = JSON.parse(publishedJson) as { definition: { id: string } };
      const hunt = this.#byHunt.get(definition.id) ?? { texts: new Set(), partitions: 0 };
      hunt.texts.add(publishedJson);
      hunt.partitions += 1;
      this.#byHunt.set(definition.id, hunt);
    }
  }

  /** Their names, once every partition was looked at. */
  hunts(): string[] {
    return [...this.#byHunt]
      .filter(([, { texts, partitions }]) => texts.size > 1 || partitions < this.#partitions)
      .map(([id]) => id);
  }
}
