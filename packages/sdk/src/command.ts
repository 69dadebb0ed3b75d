/** What a player asks for. Steps and treasures by their ids in the hunt. */
export type Command =
  | { readonly type: 'submit-answer'; readonly step: string; readonly answer: string }
  | { readonly type: 'scan-code'; readonly step: string; readonly code: string }
  | {
      readonly type: 'check-in';
      readonly step: string;
      /** Degrees, WGS 84. They are judged at once and kept nowhere. */
      readonly latitude: number;
      readonly longitude: number;
      readonly accuracyMeters: number;
    }
  /** Hints are numbered from 1. */
  | { readonly type: 'take-hint'; readonly step: string; readonly hint: number }
  | { readonly type: 'claim-treasure'; readonly treasure: string }
  | { readonly type: 'collect-treasure'; readonly treasure: string };

/** A command of a batch. */
export type BatchCommand = Command & {
  /** Idempotency key, 1 to 128 visible ASCII characters; one is made when there is none. */
  readonly id?: string;
};

/** A command that happened before, as an organiser with the scope `record` states it. */
export type RecordedCommand = BatchCommand & {
  /** Name of the team; made and registered when it is new. */
  readonly team?: string;
  /** When it happened: RFC 3339, or milliseconds since the epoch. */
  readonly at?: string | number;
};

/** The command had its effect; a wrong answer is an effect, too. `outcome` says which values there are. */
export interface AcceptedCommand {
  readonly status: 'accepted';
  readonly commandId: string;
  /** It had been decided before; this is the outcome of that time. */
  readonly repeated: boolean;
  readonly outcome: string;
  readonly [value: string]: unknown;
}

/** A rule refused it and nothing changed. Decided for good: the same id gives the same answer. */
export interface RefusedCommand {
  readonly status: 'rejected';
  readonly commandId: string;
  readonly repeated: boolean;
  /** Error id. */
  readonly code: string;
  readonly detail?: string;
  readonly retryAfterSeconds?: number;
  readonly [value: string]: unknown;
}

/** A command of a batch that was not even decided, such as a malformed one. Nothing is known of its id. */
export interface NotTakenCommand {
  readonly status: 'not-taken';
  /** Error id. */
  readonly code: string;
  readonly detail?: string;
  readonly [value: string]: unknown;
}

export type CommandResult = AcceptedCommand | RefusedCommand;
export type BatchResult = CommandResult | NotTakenCommand;

/** One result as the API writes it in batches and on sockets. */
export function batchResultOf(members: Readonly<Record<string, unknown>>): BatchResult {
  if (typeof members['commandId'] === 'string') return commandResultOf(members);
  return { code: 'sdk-answer-unexpected', ...members, status: 'not-taken' };
}

/**
 * A decided command, from a result or from the problem document of a refusal, whose `status` is the
 * HTTP status instead.
 */
export function commandResultOf(members: Readonly<Record<string, unknown>>): CommandResult {
  const refused = members['status'] === 'rejected' || typeof members['status'] === 'number';
  return { ...members, status: refused ? 'rejected' : 'accepted' } as unknown as CommandResult;
}

/** 128 random bits. Not `randomUUID`, which browsers only offer to pages served over TLS. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
