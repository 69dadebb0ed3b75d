/** When a caller may try again: with the same command id, after a while, or not at all. */
export type Retry = 'same-id' | 'later' | 'never';

/** One row of an error registry. Ids are never reused; `{name}` in the message is filled from the details. */
export interface ErrorDefinition {
  readonly retry: Retry;
  /** What happened, with numbers; `{name}` placeholders. */
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
  /** Settings the remedy speaks of; a test checks that each exists. */
  readonly settings?: readonly string[];
  /** Set once the error is no longer raised; the row stays so that the id is never reused. */
  readonly retired?: true;
}

export type ErrorDetails = Readonly<Record<string, string | number | bigint | boolean>>;

/** An error with a stable id from a registry. Everything the engine throws on purpose is one. */
export class CodedError extends Error {
  readonly id: string;
  readonly retry: Retry;
  readonly details: ErrorDetails;

  constructor(
    id: string,
    definition: ErrorDefinition,
    details: ErrorDetails,
    options?: { readonly cause?: unknown },
  ) {
    super(`${fill(definition.message, details)} (${id})`, options);
    this.name = 'CodedError';
    this.id = id;
    this.retry = definition.retry;
    this.details = details;
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));
}

export interface ErrorRegistry<Id extends string> {
  readonly definitions: Readonly<Record<Id, ErrorDefinition>>;
  create(id: Id, details?: ErrorDetails, options?: { readonly cause?: unknown }): CodedError;
}

/** One per package, in its `errors.ts`. Each id has a generated page under `docs/errors/`. */
export function errorRegistry<Id extends string>(
  definitions: Readonly<Record<Id, ErrorDefinition>>,
): ErrorRegistry<Id> {
  return {
    definitions,
    create: (id, details = {}, options) => new CodedError(id, definitions[id], details, options),
  };
}
