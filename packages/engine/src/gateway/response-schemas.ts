/** Shapes of answers, for the OpenAPI document. */
const text = { type: 'string' };
const whole = { type: 'integer' };
const instant = { type: 'string', format: 'date-time' };
const hexId = { type: 'string', pattern: '^[0-9a-f]{16}$' };
export const hexCommandId = { type: 'string', pattern: '^[0-9a-f]{32}$' };

function object(properties: object, optional: readonly string[] = [], more = false): object {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: more,
  };
}

function list(items: object): object {
  return { type: 'array', items };
}

export const problemSchema = object(
  {
    type: text,
    title: text,
    status: whole,
    detail: text,
    code: { ...text, description: 'Stable error id; its page is at `type`.' },
    retry: { enum: ['same-id', 'later', 'never'] },
    retryAfterSeconds: whole,
  },
  ['retryAfterSeconds'],
  true,
);

export const outcomeSchema = object(
  {
    commandId: hexCommandId,
    status: { const: 'accepted' },
    repeated: { type: 'boolean', description: 'It had been decided before.' },
    outcome: { ...text, description: 'Such as solved, wrong, granted; other members by outcome.' },
  },
  [],
  true,
);

export const handedOverSchema = object({ commandId: hexCommandId }, [], true);

export const batchResultsSchema = object({
  results: list({
    type: 'object',
    description: 'An outcome, or `code` of the error and `detail`.',
    additionalProperties: true,
  }),
});

export const huntListSchema = object({
  hunts: list(object({ hunt: text, title: text, opensAt: instant, closesAt: instant })),
});

export const huntSchema = object({
  hunt: text,
  title: text,
  opensAt: instant,
  closesAt: instant,
  teamSize: whole,
  ties: { enum: ['last-score', 'penalty'] },
  steps: list(
    object(
      {
        id: text,
        title: text,
        clue: text,
        kind: { enum: ['answer', 'scan', 'place'] },
        points: whole,
        hints: list(object({ cost: whole })),
        radiusMeters: whole,
      },
      ['radiusMeters'],
    ),
  ),
  treasures: list(
    object({ id: text, title: text, stock: whole, perTeam: whole, remaining: whole }),
  ),
  now: instant,
});

export const publishedSchema = object({
  hunt: text,
  version: whole,
  contentHash: text,
  steps: whole,
  treasures: whole,
});

export const scanCodesSchema = object({
  codes: list(
    object({
      step: text,
      title: text,
      code: { ...text, description: 'The text of the QR code on the poster.' },
    }),
  ),
});

export const joinedSchema = object(
  { player: hexId, team: hexId, token: text, joinCode: text, expiresAt: instant },
  ['joinCode'],
);

export const teamsSchema = object({ teams: list(object({ name: text, team: hexId })) });

const standingProperties = {
  rank: whole,
  team: hexId,
  name: text,
  points: whole,
  penaltySeconds: whole,
  lastScoreAt: { type: ['string', 'null'], format: 'date-time' },
  solved: whole,
};
const staleSince = {
  ...instant,
  description:
    'The standings are as of then and may be out of date, because the views cannot be reached, lag behind the log or are being made anew; absent while they are up to date.',
};

export const standingSchema = object({ ...standingProperties, staleSince }, ['staleSince']);

export const standingsSchema = object(
  { version: whole, total: whole, staleSince, standings: list(object(standingProperties)) },
  ['staleSince'],
);

export const progressSchema = object(
  {
    team: hexId,
    name: text,
    rank: { ...whole, description: 'Absent while standings cannot be read.' },
    staleSince,
    points: whole,
    penaltySeconds: whole,
    lastScoreAt: { type: ['string', 'null'], format: 'date-time' },
    members: whole,
    steps: list(
      object({
        id: text,
        open: { type: 'boolean' },
        solved: { type: 'boolean' },
        solvedAtSeconds: whole,
        wrongAnswers: whole,
        coolDownUntil: { type: 'integer', description: 'Milliseconds since 1970; 0: none.' },
        hints: list(object({ hint: whole, text })),
      }),
    ),
    treasures: list(
      object({ id: text, open: { type: 'boolean' }, held: whole, pending: whole, reserved: whole }),
    ),
  },
  ['rank', 'staleSince'],
);
