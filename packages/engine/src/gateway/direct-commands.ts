import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { TracedRequest } from '../tracing/request-tracer.ts';
import { withTrace } from '../tracing/trace-scope.ts';
import { knownError } from './app-errors.ts';
import type { CommandRequest } from './command-request.ts';
import { DirectReply } from './direct-reply.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { sendError } from './reply-json.ts';
import { commandBodyLimit, commandsUrl } from './routes/command-routes.ts';
import type { SchemaValidator } from './schema-validator.ts';
import { submitCommand } from './single-command.ts';
import { standBefore } from './stand-before.ts';

const method = 'POST';
const commandsPath = /^\/v1\/hunts\/([a-z0-9-]{1,64})\/commands$/;
const jsonMediaType = /^application\/json(?:; ?charset=utf-8)?$/i;
const lengthHeader = /^[1-9][0-9]{0,5}$/;

export interface DirectCommandsOptions {
  readonly parts: GatewayParts;
  /** Its parser of JSON reads bodies here, too, and its server is the one. */
  readonly app: FastifyInstance;
  /** Of `commandSchema`; there once the server is ready. */
  readonly validator: () => SchemaValidator;
  readonly logger: FastifyBaseLogger;
  /** Hears the id of each error that was thrown and answered. */
  readonly onError: (id: string) => void;
}

/**
 * Takes single commands straight from Node's server: of a crowd nearly every request is one, and fastify's part
 * in it would be a sixth of the gateway's time. It takes those that are as clients usually write them; all others
 * fastify has, whose route does the same (`submitCommand`) and answers alike.
 */
export class DirectCommands {
  readonly #parts: GatewayParts;
  readonly #validator: () => SchemaValidator;
  readonly #logger: FastifyBaseLogger;
  readonly #onError: (id: string) => void;
  readonly #parseJson: ReturnType<FastifyInstance['getDefaultJsonParser']>;

  constructor({ parts, app, validator, logger, onError }: DirectCommandsOptions) {
    this.#parts = parts;
    this.#validator = validator;
    this.#logger = logger;
    this.#onError = onError;
    this.#parseJson = app.getDefaultJsonParser('error', 'error');
    standBefore(app.server, 'request', (request, response) => this.#takes(request, response));
  }

  /** Whether it is taken here. */
  #takes(request: IncomingMessage, response: ServerResponse): boolean {
    const slug = this.#slugOf(request);
    if (slug !== undefined) this.#take(slug, request, response);
    return slug !== undefined;
  }

  /** The hunt of a request that is taken here; undefined for all others. */
  #slugOf({ method: asked, url, headers }: IncomingMessage): string | undefined {
    if (asked !== method || this.#parts.state.phase !== 'ready') return undefined;
    const slug = commandsPath.exec(url!)?.[1];
    return slug !== undefined && hasUsualBody(headers) ? slug : undefined;
  }

  #take(slug: string, request: IncomingMessage, response: ServerResponse): void {
    const arrivedAt = performance.now();
    const { headers } = request;
    const traced = this.#parts.tracer?.begin(headers['traceparent']);
    if (traced !== undefined) {
      response.once('finish', () => traced.answered(method, commandsUrl, response.statusCode));
    }
    let bytes: Buffer | undefined;
    request.on('data', (chunk: Buffer) => {
      bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk]);
    });
    // It breaks off. Whoever leaves once it is whole only does not hear what became of the command.
    request.on('error', (error) => this.#refuse(response, error, traced));
    request.on('end', () => {
      try {
        const body = this.#read(bytes!.toString());
        const command = { slug, headers, arrivedAt, body, traced };
        const submit = () => submitCommand(this.#parts, command, new DirectReply(response));
        if (traced === undefined) submit();
        else withTrace(traced, submit);
      } catch (error) {
        this.#refuse(response, error, traced);
      }
    });
  }

  /** Throws as fastify does for a text that is no JSON, and `engine-request-invalid`. */
  #read(text: string): CommandRequest {
    const parsed: { value?: unknown } = {};
    this.#parseJson(noRequest, text, (error, value) => {
      if (error) throw error;
      parsed.value = value;
    });
    this.#validator().check(parsed.value);
    return parsed.value as CommandRequest;
  }

  #refuse(response: ServerResponse, error: unknown, traced: TracedRequest | undefined): void {
    const known = knownError(error, commandBodyLimit);
    const trace = traced?.context;
    if (known === undefined) this.#logger.error({ err: error, trace }, 'a request failed');
    else {
      const refused = { code: known.id, method, route: commandsUrl };
      this.#logger.debug({ refused, trace }, 'a request was refused');
    }
    this.#onError(known?.id ?? 'engine-internal');
    if (response.headersSent) response.destroy();
    else sendError(new DirectReply(response), known);
  }
}

/** The parser of JSON looks at the text alone. */
const noRequest = undefined as unknown as FastifyRequest;

/** JSON of a length that is stated and allowed. */
function hasUsualBody(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': type, 'content-length': length } = headers;
  if (type === undefined || !jsonMediaType.test(type)) return false;
  return length !== undefined && lengthHeader.test(length) && Number(length) <= commandBodyLimit;
}
