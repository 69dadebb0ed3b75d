import {
  choice,
  type Draft,
  decimal,
  either,
  integer,
  list,
  mapping,
  optional,
  quantity,
  type ReferenceShape,
  required,
  text,
} from 'veltrix/document';
import { huntLimits } from './hunt-limits.ts';
import { instant, slug } from './hunt-scalars.ts';
import { distance, duration } from './hunt-units.ts';

/** A `requires` as written: a step id, or one of the three forms over further ones. */
export type RequirementDraft =
  | string
  | {
      all?: (RequirementDraft | undefined)[];
      any?: (RequirementDraft | undefined)[];
      atLeast?: number;
      of?: (RequirementDraft | undefined)[];
    };

const time = (least: number, most: number, step = { size: 1, noun: 'milliseconds' }) =>
  quantity(duration, least, most, step);
const length = (least: number, most: number) =>
  quantity(distance, least, most, { size: 1, noun: 'metres' });

const points = integer(0, huntLimits.points);
const requirement: ReferenceShape<RequirementDraft> = {
  kind: 'reference',
  name: 'requirement',
  target: () => requirementForms,
  depthMost: huntLimits.requirementDepth,
};
const requirements = list(requirement, 1, huntLimits.steps);

const requirementForms = either(
  slug,
  mapping(
    {
      all: optional(requirements, 'Every one of these must be met.'),
      any: optional(requirements, 'One of these must be met.'),
      atLeast: optional(
        integer(1, huntLimits.steps),
        'So many of the entries of "of" must be met.',
      ),
      of: optional(requirements, 'What "atLeast" counts.'),
    },
    [['all'], ['any'], ['atLeast', 'of']],
  ),
);

const wrongAnswers = mapping({
  coolDown: optional(
    time(0, huntLimits.penaltyMs),
    'How long a team must wait after a wrong answer, such as 30s. Default 0s.',
  ),
  deduct: optional(points, 'Points taken for each wrong answer. Default 0.'),
});

const firstSolverBonus = 'Points on top for the first team that solves a step. Default 0.';

const step = mapping(
  {
    id: required(slug, 'a-short-name, by which requirements and scan codes refer to the step.'),
    title: required(text(huntLimits.titleLength), 'What players see as the name of the step.'),
    clue: optional(text(huntLimits.clueLength), 'The riddle. Default none.'),
    points: required(points, 'Points for solving it.'),
    answers: optional(
      list(text(huntLimits.answerLength), 1, huntLimits.answersPerStep),
      'Accepted answers. Upper and lower case, spaces around them and full-width forms do not matter.',
    ),
    scan: optional(
      mapping({
        code: required(
          text(huntLimits.scanCodeLength),
          'A secret text; the code on the poster is signed over it. Change it to make printed codes void.',
        ),
      }),
      'The step is solved by scanning its code.',
    ),
    place: optional(
      mapping({
        latitude: required(
          decimal(-huntLimits.latitudeDegrees, huntLimits.latitudeDegrees),
          'Degrees north, WGS 84, such as 48.858222.',
        ),
        longitude: required(decimal(-180, 180), 'Degrees east, WGS 84, such as 2.2945.'),
        radius: required(
          length(1, huntLimits.radiusMeters),
          'How near players must be, such as 50m.',
        ),
        accuracyLimit: optional(
          length(1, huntLimits.accuracyMeters),
          'A fix that may be further off than this is not judged. Default 100m.',
        ),
      }),
      'The step is solved by being there.',
    ),
    requires: optional(requirement, 'What must be solved before the step opens. Default nothing.'),
    hints: optional(
      list(
        mapping({
          text: required(text(huntLimits.hintLength), 'What the hint says.'),
          cost: required(points, 'Points that a team pays for it.'),
        }),
        0,
        huntLimits.hintsPerStep,
      ),
      'Help for a price, in the order in which it is sold. Default none.',
    ),
    firstSolverBonus: optional(points, firstSolverBonus),
    wrongAnswers: optional(wrongAnswers, 'What a wrong answer costs. Default as for the hunt.'),
  },
  [['answers'], ['scan'], ['place']],
);

const treasure = mapping({
  id: required(slug, 'a-short-name, by which claims refer to the treasure.'),
  title: required(text(huntLimits.titleLength), 'What players see as the name of the treasure.'),
  stock: required(integer(1, huntLimits.stock), 'How many there are for all teams together.'),
  perTeam: optional(integer(1, huntLimits.stock), 'How many one team may hold. Default 1.'),
  reservation: optional(
    time(1_000, huntLimits.reservationMs),
    'How long a claim is held until it is collected, such as 15m; then it goes back. Default: granted for good at once.',
  ),
  requires: optional(requirement, 'What must be solved before a team may claim. Default nothing.'),
});

/** The whole hunt language. */
export const huntShape = mapping({
  hunt: required(slug, 'a-short-name, by which addresses and scan codes refer to the hunt.'),
  title: required(text(huntLimits.titleLength), 'What players see as the name of the hunt.'),
  version: required(integer(1, huntLimits.version), '1, and one more each time it is published.'),
  opens: required(instant, 'First moment at which answers count, such as 2026-06-01T10:00:00Z.'),
  closes: required(
    instant,
    'First moment at which they no longer do, such as 2026-06-01T15:00:00+02:00.',
  ),
  teams: optional(
    either(
      choice(['solo']),
      mapping({
        size: required(integer(1, huntLimits.teamSize), 'Most members of a team.'),
      }),
    ),
    'solo, or { size: 4 } for teams of up to four. Default solo.',
  ),
  scoring: optional(
    mapping({
      ties: optional(
        choice(['last-score', 'penalty']),
        'Order of teams with equal points: earlier last score, or less penalty time. Default last-score.',
      ),
      wrongAnswerPenalty: optional(
        time(0, huntLimits.penaltyMs, { size: 1_000, noun: 'seconds' }),
        'Penalty time for each wrong answer before the right one, such as 1200s; none for steps never solved. Default 0s.',
      ),
      firstSolverBonus: optional(points, firstSolverBonus),
    }),
    'How points and ties are counted.',
  ),
  wrongAnswers: optional(wrongAnswers, 'What a wrong answer costs, unless a step says otherwise.'),
  steps: required(list(step, 1, huntLimits.steps), 'The steps of the hunt, in the order shown.'),
  treasures: optional(
    list(treasure, 0, huntLimits.treasures),
    'Prizes with limited stock. Default none.',
  ),
});

export type HuntDraft = Draft<typeof huntShape>;
export type StepDraft = Draft<typeof step>;
export type TreasureDraft = Draft<typeof treasure>;
