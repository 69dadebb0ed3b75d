import {
  eventType,
  type HuntDefinition,
  huntIdOf,
  type Id,
  idToHex,
  type PublishedHunt,
  rulesErrors,
  type StepScanCode,
  scanCodesOf,
  subject,
  subjectBytes,
} from '@hunt/rules';
import type { EventView } from 'veltrix';
import { engineErrors } from '../errors.ts';
import type { CommandPort } from '../processor/command-port.ts';

/** A published hunt as the gateway uses it. The definition is without answers: those stay with the organiser. */
export class DirectoryHunt {
  /** The name of the hunt, as in addresses. */
  readonly slug: string;
  readonly id: Id;
  /** 16 hexadecimal digits. */
  readonly huntId: string;
  readonly definition: HuntDefinition;
  readonly #steps: ReadonlyMap<string, number>;
  readonly #treasures: ReadonlyMap<string, number>;
  readonly #published: PublishedHunt;

  constructor(published: PublishedHunt) {
    const { definition } = published;
    this.slug = definition.id;
    this.id = huntIdOf(definition.id);
    this.huntId = idToHex(this.id.low, this.id.high);
    this.definition = definition;
    this.#published = published;
    this.#steps = numbersById(definition.steps);
    this.#treasures = numbersById(definition.treasures);
  }

  /** Throws `rules-step-unknown`. */
  stepNumber(id: string): number {
    const number = this.#steps.get(id);
    if (number === undefined) throw rulesErrors.create('rules-step-unknown');
    return number;
  }

  /** Throws `rules-treasure-unknown`. */
  treasureNumber(id: string): number {
    const number = this.#treasures.get(id);
    if (number === undefined) throw rulesErrors.create('rules-treasure-unknown');
    return number;
  }

  /** For the organiser alone: whoever has a code can solve its step. */
  scanCodes(): StepScanCode[] {
    return scanCodesOf(this.#published);
  }
}

function numbersById(items: readonly { readonly id: string }[]): Map<string, number> {
  return new Map(items.map(({ id }, number) => [id, number]));
}

/** The hunts of this deployment, kept up from what the processors decide. */
export class HuntDirectory {
  readonly #bySlug = new Map<string, DirectoryHunt>();
  #isLoaded = false;

  /** Reads what was published before; until then every hunt is `engine-not-ready`. */
  async load(port: Pick<CommandPort, 'hunts'>): Promise<void> {
    for (const { publishedJson } of await port.hunts()) this.#put(publishedJson);
    this.#isLoaded = true;
  }

  /** For the decision feed: each partition tells of a hunt once it has it. */
  event(event: EventView): void {
    if (event.type !== eventType.huntPublished) return;
    const size = subject.value(event.view, event.payloadStart);
    const start = event.payloadStart + subjectBytes;
    this.#put(Buffer.from(event.bytes.subarray(start, start + size)).toString());
  }

  #put(publishedJson: string): void {
    const published = JSON.parse(publishedJson) as PublishedHunt;
    const { definition } = published;
    const known = this.#bySlug.get(definition.id);
    if (known !== undefined && known.definition.version >= definition.version) return;
    this.#bySlug.set(definition.id, new DirectoryHunt(published));
  }

  /** Throws `rules-hunt-unknown`, `engine-not-ready`. */
  hunt(slug: string): DirectoryHunt {
    const hunt = this.#bySlug.get(slug);
    if (hunt !== undefined) return hunt;
    if (!this.#isLoaded) throw engineErrors.create('engine-not-ready');
    throw rulesErrors.create('rules-hunt-unknown');
  }

  has(slug: string): boolean {
    return this.#bySlug.has(slug);
  }

  /** At most so many, in the order in which they were heard of; none before they are known. */
  firstHunts(limit: number): DirectoryHunt[] {
    return this.#isLoaded ? [...this.#bySlug.values()].slice(0, limit) : [];
  }

  /** Throws `engine-not-ready`. */
  all(): DirectoryHunt[] {
    if (!this.#isLoaded) throw engineErrors.create('engine-not-ready');
    return [...this.#bySlug.values()];
  }
}
