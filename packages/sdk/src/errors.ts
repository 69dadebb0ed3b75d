import type { Retry } from './problem-error.ts';

/** A row as the registries of the engine have them; this package depends on none of theirs. */
interface ClientErrorDefinition {
  readonly retry: Retry;
  /** What happened. */
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Every error of the client itself. Ids are never reused. */
export const sdkErrors = {
  definitions: {
    'sdk-unreachable': {
      retry: 'same-id',
      message: 'The server did not answer',
      cause: 'It does not run, is somewhere else, or the connection broke before its answer came.',
      remedy: 'Check the address and the connection.',
    },
    'sdk-timeout': {
      retry: 'same-id',
      message: 'The server did not answer in time',
      cause: 'It is overloaded, or the connection is slow or gone.',
      remedy: 'Raise timeoutMs, or try again.',
    },
    'sdk-answer-unexpected': {
      retry: 'never',
      message: 'The answer is not one of this API',
      cause:
        'Something else listens at this address, or a proxy answered in place of the server. After a 5xx of a proxy nobody knows what the server did, so that the same command may be sent again with the same id.',
      remedy: 'Check that the address is that of a hunt server.',
    },
    'sdk-still-undecided': {
      retry: 'same-id',
      message: 'The command has no outcome yet',
      cause: 'It was handed over, and every attempt allowed passed before it was decided.',
      remedy: 'Ask for it later by its command id.',
    },
    'sdk-live-closed': {
      retry: 'same-id',
      message: 'The live connection is closed',
      cause: 'It was closed before the answer to the command came.',
      remedy: 'Open another and send the command with the same id.',
    },
    'sdk-live-id-waiting': {
      retry: 'never',
      message: 'A command with this id waits for its answer already',
      cause: 'The same id was given to two commands on one live connection.',
      remedy: 'Await that one.',
    },
    'sdk-live-inflight-full': {
      retry: 'later',
      message: 'Too many commands wait for an answer',
      cause:
        'More were sent on the live connection than inflightMax allows before any was answered.',
      remedy: 'Await some of them, or raise inflightMax.',
    },
    'sdk-batch-size': {
      retry: 'never',
      message: 'A batch holds 1 to 1,000 commands',
      cause: 'The batch is empty or has more.',
      remedy: 'Split it.',
    },
  } as const satisfies Record<string, ClientErrorDefinition>,
};
