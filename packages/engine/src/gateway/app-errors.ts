import type { FastifyError } from 'fastify';
import { CodedError } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { invalidRequest, type SchemaFailure } from './schema-validator.ts';

/**
 * Our error for one that fastify or the parser of HTTP raised; undefined for one that nobody foresaw.
 *
 * @param bodyLimit of the route, in bytes
 */
export function knownError(error: unknown, bodyLimit: number): CodedError | undefined {
  if (error instanceof CodedError) return error;
  const { code, validation, statusCode } = error as Partial<FastifyError>;
  if (validation !== undefined) {
    return invalidRequest(validation[0] as SchemaFailure | undefined, 'The body');
  }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return engineErrors.create('engine-body-too-large', { limit: bodyLimit });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return engineErrors.create('engine-media-type-unsupported');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return engineErrors.create('engine-json-invalid');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return engineErrors.create('engine-body-incomplete');
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return engineErrors.create('engine-path-unknown');
    case 'FST_ERR_BAD_URL':
      return engineErrors.create('engine-request-malformed');
  }
  return error instanceof SyntaxError && statusCode === 400
    ? engineErrors.create('engine-json-invalid')
    : undefined;
}

/** Our error for what Node's HTTP parser refuses before there is a request. */
export function connectionError(code: string | undefined, requestTimeoutMs: number): CodedError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return engineErrors.create('engine-headers-too-large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return engineErrors.create('engine-request-timeout', { seconds: requestTimeoutMs / 1_000 });
    default:
      return engineErrors.create('engine-request-malformed');
  }
}
