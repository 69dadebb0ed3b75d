import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Scope } from '../identity/identity.ts';

/** JSON Schema 2020-12 as OpenAPI 3.1 has it, of the part that Ajv's draft-07 also reads. */
export type JsonSchema = object;

interface ApiResponse {
  readonly description: string;
  readonly schema?: JsonSchema;
  /** `application/json` unless told. */
  readonly mediaType?: string;
}

/** One operation of the API: what the server registers and what the OpenAPI document says are the same. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `:name` for parameters. */
  readonly url: string;
  readonly operationId: string;
  readonly summary: string;
  /** Who may: everybody, players of the hunt, or organisers whose key has the scope. */
  readonly access?: { readonly player?: true; readonly scope?: Scope };
  readonly body?: JsonSchema;
  /** Other content types of the body, as text. */
  readonly bodyTexts?: readonly string[];
  /** Bytes. */
  readonly bodyLimit?: number;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  readonly headers?: Readonly<Record<string, JsonSchema>>;
  readonly responses: Readonly<Record<number, ApiResponse>>;
  /** Ids of errors that this operation is known for; any may also have the general ones. */
  readonly errors?: readonly string[];
  /** Answers through `reply`, now or later; what it throws becomes a problem document. */
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

/** Parameters of the address. */
export function pathParameters(request: FastifyRequest): Readonly<Record<string, string>> {
  return request.params as Readonly<Record<string, string>>;
}
