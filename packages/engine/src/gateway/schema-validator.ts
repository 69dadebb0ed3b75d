import type { CodedError } from 'veltrix';
import { engineErrors } from '../errors.ts';
import type { JsonSchema } from './api-route.ts';

/** As Ajv reports it; only the first is shown. */
export interface SchemaFailure {
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export type ValidateFunction = ((value: unknown) => boolean) & {
  errors?: readonly SchemaFailure[] | null;
};

/** How fastify compiles the schema of a body. */
export type CompileSchema = (route: {
  readonly schema: JsonSchema;
  readonly method: string;
  readonly url: string;
  readonly httpPart: string;
}) => ValidateFunction;

/** Checks single values with the same compiler that the routes' bodies are checked with. */
export class SchemaValidator {
  readonly #validate: ValidateFunction;
  readonly #whole: string;

  /** @param whole what a problem with all of the value is a problem of */
  constructor(compile: CompileSchema, schema: JsonSchema, whole = 'The command') {
    this.#whole = whole;
    this.#validate = compile({ schema, method: 'POST', url: '/', httpPart: 'body' });
  }

  /** Throws `engine-request-invalid`. */
  check(value: unknown): void {
    if (!this.#validate(value)) throw invalidRequest(this.#validate.errors?.[0], this.#whole);
  }
}

/** `engine-request-invalid` for what the schema said first. */
export function invalidRequest(failure: SchemaFailure | undefined, whole: string): CodedError {
  const where = failure?.instancePath ? failure.instancePath.slice(1).replaceAll('/', '.') : whole;
  return engineErrors.create('engine-request-invalid', {
    where,
    reason: reasonOf(failure),
  });
}

function reasonOf(failure: SchemaFailure | undefined): string {
  const extra = failure?.params?.['additionalProperty'];
  // What the client wrote is shown back only as far as it is a plain word.
  if (typeof extra === 'string' && /^\w{1,40}$/.test(extra)) return `must not have "${extra}"`;
  // Ajv speaks of tags here, which nobody who reads the document has heard of.
  if (failure?.params?.['tag'] !== undefined) return 'must have a "type" that /openapi.json lists';
  return failure?.message ?? 'is not valid';
}
