import { addCommand, type HuntDefinition, huntIdOf, publicationOf, publishHunt } from '@hunt/rules';
import { compileHunt } from '@hunt/rules/definition';
import { CommandRecordBuilder } from 'veltrix';
import type { CommandPort } from '../../processor/command-port.ts';
import type { ManualClock } from './manual-clock.ts';

/** A hunt with every kind of step and treasure; open for the whole century. */
export const testHuntSource = `
hunt: test-hunt
title: Test hunt
version: 1
opens: 2001-01-01T00:00:00Z
closes: 2099-01-01T00:00:00Z
teams: { size: 2 }
steps:
  - id: gate
    title: The gate
    clue: What falls and is never hurt?
    points: 10
    answers: [water]
    wrongAnswers: { coolDown: 10s }
    hints:
      - { text: "You drink \\"it\\".", cost: 2 }
  - id: tower
    title: The tower
    points: 20
    place: { latitude: 47.376887, longitude: 8.541694, radius: 60m, accuracyLimit: 100m }
  - id: lantern
    title: The lantern
    points: 15
    scan: { code: lantern-7f3a }
  - id: vault
    title: The vault
    points: 5
    answers: [open]
    requires: lantern
treasures:
  - { id: coin, title: Coin, stock: 2 }
  - { id: dinner, title: Dinner, stock: 1, reservation: 15m }
`;

export const testSoloSource = testHuntSource
  .replace('hunt: test-hunt', 'hunt: test-solo')
  .replace('teams: { size: 2 }\n', '');

export const testSecret = new Uint8Array(32).fill(7);
export const testHuntId = huntIdOf('test-hunt');

export function compiled(source: string): HuntDefinition {
  const { hunt, problems } = compileHunt(source, 'test.yaml');
  if (hunt === undefined) throw new Error(JSON.stringify(problems));
  return hunt;
}

/** Publishes a hunt, the only one, to every partition, without a gateway. */
export function publishForTest(
  port: CommandPort,
  clock: ManualClock,
  source = testHuntSource,
): void {
  const publication = publicationOf(publishHunt(compiled(source), testSecret));
  for (let partition = 0; partition < port.partitionCount; partition++) {
    const builder = new CommandRecordBuilder();
    addCommand(builder, {
      ...publication,
      commandId: new Uint8Array(16),
      receivedAt: clock.now(),
    });
    port.send(partition, builder.finish(1, 1, clock.now()).slice());
  }
  clock.turn();
}
