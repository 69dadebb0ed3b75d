import { commandType, type HuntDefinition, huntIdOf } from '@hunt/rules';
import { answerHashesOf, answerSteps } from './bench-hunt.ts';
import type { NextCommand } from './command-feeder.ts';
import { teamId } from './contest-commands.ts';
import { seededRandom } from './seeded-random.ts';

export interface Crowd {
  readonly hunts: readonly HuntDefinition[];
  readonly teamsPerHunt: number;
}

/** Every team registers, hunt after hunt. */
export function registrations({ hunts, teamsPerHunt }: Crowd): NextCommand {
  const ids = hunts.map(({ id }) => huntIdOf(id));
  let next = 0;
  return (plain) => {
    plain.type = commandType.registerTeam;
    plain.hunt = ids[Math.floor(next / teamsPerHunt)]!;
    plain.team = teamId(next);
    next += 1;
    return plain;
  };
}

/**
 * Teams of all hunts play, each command another's: wrong answers and claims of treasures in turn. The
 * first hunt gets `hotShare` of all commands, and where that is more than its due, all of its claims are
 * for its first treasure.
 */
export function skewedCommands({ hunts, teamsPerHunt }: Crowd, hotShare: number): NextCommand {
  const random = seededRandom(5);
  const below = (limit: number) => Math.floor(random() * limit);
  const ids = hunts.map(({ id }) => huntIdOf(id));
  const wrong = hunts.map((definition) => answerHashesOf(definition).wrong);
  const isSkewed = hotShare > 1 / hunts.length;
  let number = 0;
  return (plain, hashed) => {
    const isClaim = number++ % 2 === 0;
    const hunt = random() < hotShare ? 0 : 1 + below(hunts.length - 1);
    const draft = isClaim ? plain : hashed;
    draft.hunt = ids[hunt]!;
    draft.team = teamId(hunt * teamsPerHunt + below(teamsPerHunt));
    if (isClaim) {
      draft.type = commandType.claimTreasure;
      draft.item = isSkewed && hunt === 0 ? 0 : below(hunts[hunt]!.treasures.length);
    } else {
      draft.type = commandType.submitAnswer;
      draft.item = below(answerSteps);
      hashed.extra = wrong[hunt]![below(wrong[hunt]!.length)]!;
    }
    return draft;
  };
}
