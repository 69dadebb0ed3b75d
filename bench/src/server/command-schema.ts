const itemId = { type: 'string', minLength: 1, maxLength: 64 };
const answer = { step: itemId, answer: { type: 'string' } };

const membersByType: Readonly<Record<string, object>> = {
  'submit-answer': answer,
  'scan-code': { step: itemId, code: { type: 'string', maxLength: 256 } },
  'check-in': {
    step: itemId,
    latitude: { type: 'number', minimum: -90, maximum: 90 },
    longitude: { type: 'number', minimum: -180, maximum: 180 },
    accuracyMeters: { type: 'number', minimum: 0, maximum: 1_000_000 },
  },
  'take-hint': { step: itemId, hint: { type: 'integer', minimum: 1, maximum: 8 } },
  'claim-treasure': { treasure: itemId },
  'collect-treasure': { treasure: itemId },
};

function commandWith(more: object): object {
  return {
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: Object.entries(membersByType).map(([type, members]) => ({
      properties: { type: { const: type }, ...members, ...more },
      required: ['type', ...Object.keys(members)],
      additionalProperties: false,
    })),
  };
}

/** The checks that the engine makes of a command; a test compares the two. */
export const commandSchema = commandWith({});

/** The checks of a batch, each command included. */
export const batchSchema = {
  type: 'object',
  required: ['commands'],
  additionalProperties: false,
  properties: {
    commands: {
      type: 'array',
      minItems: 1,
      maxItems: 1_000,
      items: commandWith({
        id: { type: 'string' },
        team: { type: 'string' },
        at: { type: ['string', 'number'] },
      }),
    },
  },
};
