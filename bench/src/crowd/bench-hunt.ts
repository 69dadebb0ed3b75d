import {
  acceptedHashes,
  addCommand,
  answerHash,
  type HuntDefinition,
  huntIdOf,
  publicationOf,
  publishHunt,
} from '@hunt/rules';
import { compileHunt } from '@hunt/rules/definition';
import { CommandRecordBuilder } from 'veltrix';

/** Steps with answers; the place is the step after them. */
export const answerSteps = 12;
/** For each of them. */
export const stepPoints = 10;
export const slug = 'bench';

export interface BenchHuntOptions {
  readonly name?: string;
  readonly treasures?: number;
  /** Of each treasure. */
  readonly stock?: number;
  readonly perTeam?: number;
}

/** A contest as crowds play it: twelve answers, a place, paid hints, and prizes. */
export function benchHuntYaml(options: BenchHuntOptions = {}): string {
  const { name = slug, treasures = 2, stock = 1_000, perTeam = 1 } = options;
  const steps = Array.from(
    { length: answerSteps },
    (_, step) => `
  - id: s${step}
    title: Step ${step}
    clue: c
    points: ${stepPoints}
    answers: [right ${step}]
    hints: [{ text: t, cost: 1 }]`,
  );
  const prizes = Array.from(
    { length: treasures },
    (_, prize) => `
  - { id: prize-${prize}, title: Prize ${prize}, stock: ${stock}, perTeam: ${perTeam} }`,
  );
  return `hunt: ${name}
title: Bench
version: 1
opens: 2020-01-01T00:00:00Z
closes: 2060-01-01T00:00:00Z
teams: solo
scoring: { ties: penalty, wrongAnswerPenalty: 1200s }
steps:${steps.join('')}
  - id: tower
    title: Tower
    clue: c
    points: 20
    place: { latitude: 47.376887, longitude: 8.541694, radius: 60m, accuracyLimit: 100m }
treasures:${prizes.join('')}
`;
}

/** Any will do: nobody guesses here. */
const secret = new Uint8Array(32).fill(7);

export const hunt = huntIdOf(slug);

export function benchHunt(options?: BenchHuntOptions): HuntDefinition {
  const compiled = compileHunt(benchHuntYaml(options), `${slug}.yaml`);
  if (compiled.hunt === undefined) {
    throw new Error(compiled.problems.map(({ message }) => message).join('; '));
  }
  return compiled.hunt;
}

/** What a team types: the hash of the right answer to each step, and those of wrong ones. */
export function answerHashesOf(definition: HuntDefinition): {
  readonly right: readonly Uint8Array[];
  readonly wrong: readonly Uint8Array[];
} {
  return {
    right: definition.steps.slice(0, answerSteps).map((step) => {
      return acceptedHashes(secret, definition.id, step)[0]!;
    }),
    wrong: Array.from({ length: 64 }, (_, n) => answerHash(secret, definition.id, `wrong ${n}`)),
  };
}

/** A record that publishes the hunt; one goes to every partition. */
export function publishRecord(definition: HuntDefinition, origin: number): Uint8Array {
  const publication = publicationOf(publishHunt(definition, secret));
  const commandId = new Uint8Array(16);
  new DataView(commandId.buffer).setUint32(0, 1, true);
  new DataView(commandId.buffer).setInt32(4, publication.hunt.low, true);
  const builder = new CommandRecordBuilder();
  addCommand(builder, { ...publication, commandId, receivedAt: Date.now() });
  return builder.finish(origin, 0, Date.now()).slice();
}
