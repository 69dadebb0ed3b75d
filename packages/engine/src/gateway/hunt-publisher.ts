import { randomFillSync } from 'node:crypto';
import {
  commandType,
  type HuntDefinition,
  huntIdOf,
  type Id,
  publishHunt,
  subjectBytes,
} from '@hunt/rules';
import { type Clock, CommandRecordBuilder } from 'veltrix';
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
    const json = Buffer.from(JSON.stringify(publishHunt(definition, this.#secret)));
    const { length: bytes } = json;
    if (bytes > publishedMaxBytes) {
      throw engineErrors.create('engine-hunt-too-large', { bytes, limit: publishedMaxBytes });
    }
    const publication = { hunt: huntIdOf(definition.id), json, receivedAt: this.#clock.now() };
    await Promise.all(
      Array.from({ length: this.#partitionCount }, (_, partition) => {
        const { listener, outcome } = AwaitedOutcome.create();
        this.#batcher.sendAlone(partition, writePublication, publication, listener);
        return outcome;
      }),
    );
  }
}

interface Publication {
  readonly hunt: Id;
  readonly json: Uint8Array;
  readonly receivedAt: number;
}

/** After the subject comes the JSON, its length in `value`. */
function writePublication(builder: CommandRecordBuilder, publication: Publication): void {
  const { hunt, json, receivedAt } = publication;
  const payloadBytes = subjectBytes + json.length;
  const start = builder.add(commandType.publishHunt, 0, receivedAt, payloadBytes);
  const { view, bytes } = builder.buffer;
  const idStart = CommandRecordBuilder.idStart(start);
  randomFillSync(bytes.subarray(idStart, idStart + 16));
  view.setInt32(start, hunt.low, true);
  view.setInt32(start + 4, hunt.high, true);
  view.setInt32(start + 28, json.length, true);
  bytes.set(json, start + subjectBytes);
}
