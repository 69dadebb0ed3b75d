/** A command as clients write it. Steps and treasures by their ids in the hunt. */
export type CommandRequest =
  | { readonly type: 'submit-answer'; readonly step: string; readonly answer: string }
  | { readonly type: 'scan-code'; readonly step: string; readonly code: string }
  | {
      readonly type: 'check-in';
      readonly step: string;
      readonly latitude: number;
      readonly longitude: number;
      readonly accuracyMeters: number;
    }
  | { readonly type: 'take-hint'; readonly step: string; readonly hint: number }
  | { readonly type: 'claim-treasure'; readonly treasure: string }
  | { readonly type: 'collect-treasure'; readonly treasure: string };

/** A command of a batch or a socket, with its idempotency key. */
export type KeyedCommand = CommandRequest & { readonly id?: string };

/** A command on a socket, which has no headers. */
export type SocketCommand = KeyedCommand & { readonly timeoutMs?: number };

/** A command that a recording client tells of. */
export type RecordedCommand = KeyedCommand & {
  readonly team?: string;
  readonly at?: string | number;
};

const itemId = { type: 'string', minLength: 1, maxLength: 64, description: 'Id in the hunt.' };

/** Members that each type of command has besides `type`; all are required. */
const membersByType: Readonly<Record<CommandRequest['type'], object>> = {
  'submit-answer': {
    step: itemId,
    answer: { type: 'string', description: 'As typed, at most 1,024 characters.' },
  },
  'scan-code': { step: itemId, code: { type: 'string', maxLength: 256 } },
  'check-in': {
    step: itemId,
    latitude: { type: 'number', minimum: -90, maximum: 90, description: 'Degrees, WGS 84.' },
    longitude: { type: 'number', minimum: -180, maximum: 180 },
    accuracyMeters: { type: 'number', minimum: 0, maximum: 1_000_000 },
  },
  'take-hint': {
    step: itemId,
    hint: { type: 'integer', minimum: 1, maximum: 8, description: 'Number, from 1.' },
  },
  'claim-treasure': { treasure: itemId },
  'collect-treasure': { treasure: itemId },
};

const keyMember = {
  id: { type: 'string', description: 'Idempotency key: 1 to 128 visible ASCII characters.' },
};

const socketMembers = {
  ...keyMember,
  timeoutMs: {
    ...{ type: 'integer', minimum: 1, maximum: 999_999_999 },
    description:
      'Milliseconds for which the answer is waited for. What is not begun by then is not done, as far as it can be taken back: engine-deadline-passed.',
  },
};

const recordedMembers = {
  ...keyMember,
  team: { type: 'string', description: 'Name of the team; organisers only.' },
  at: {
    type: ['string', 'number'],
    description: 'When it happened, RFC 3339 or milliseconds since 1970; organisers only.',
  },
};

function schemaWith(more: object): object {
  return {
    type: 'object',
    required: ['type'],
    discriminator: { propertyName: 'type' },
    oneOf: Object.entries(membersByType).map(([type, members]) => ({
      title: type,
      properties: { type: { const: type }, ...members, ...more },
      required: ['type', ...Object.keys(members)],
      additionalProperties: false,
    })),
  };
}

/** One command by itself; its key is in a header. */
export const commandSchema = schemaWith({});
/** A command on a socket. */
export const socketCommandSchema = schemaWith(socketMembers);
/** A command of a batch. */
export const recordedCommandSchema = schemaWith(recordedMembers);
