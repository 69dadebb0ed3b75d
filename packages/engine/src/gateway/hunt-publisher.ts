import { randomBytes } from 'node:crypto';
import { addCommand, type HuntDefinition, publicationOf, publishHunt } from '@hunt/rules';
import type { Clock } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { AwaitedOutcome } from './awaited-outcome.ts';
import type { CommandBatcher } from './command-batcher.ts';

/** A record has at most 1 MiB, headers included. */
const publishedMaxBytes = 1_048_576 - 1_024;

/** Tells every partition of a hunt. */
export class HuntPublisher {
  readonly #batcher: CommandBatcher;
  readonly #clock: Clock;
  readonly #partitionCount: number;
  readonly #secret: Uint8Array;

  /** @param secret hides accepted answers in what is published */
  constructor(batcher: CommandBatcher, clock: Clock, partitionCount: number, secret: Uint8Array) {
    this.#batcher = batcher;
    this.#clock = clock;
    this.#partitionCount = partitionCount;
    this.#secret = secret;
  }

  /**
   * Resolves once every partition has the hunt; they all decide alike. Throws `engine-hunt-too-large`,
   * `rules-hunt-version-outdated`, `rules-hunt-version-incompatible`.
   */
  async publish(definition: HuntDefinition): Promise<void> {
    const publication = publicationOf(publishHunt(definition, this.#secret));
    const bytes = publication.extra.length;
    if (bytes > publishedMaxBytes) {
      throw engineErrors.create('engine-hunt-too-large', { bytes, limit: publishedMaxBytes });
    }
    const receivedAt = this.#clock.now();
    await Promise.all(
      Array.from({ length: this.#partitionCount }, (_, partition) => {
        const { listener, outcome } = AwaitedOutcome.create();
        const command = { ...publication, commandId: randomBytes(16), receivedAt };
        this.#batcher.sendAlone(partition, addCommand, command, listener);
        return outcome;
      }),
    );
  }
}
