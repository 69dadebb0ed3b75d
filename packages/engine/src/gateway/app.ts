import type { RequestListener } from 'node:http';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
  type RouteHandlerMethod,
  type RouteOptions,
} from 'fastify';
import type { CodedError } from 'veltrix';
import { engineErrors } from '../errors.ts';
import { requestIdField } from '../logging/ecs-fields.ts';
import type { ApiRoute } from './api-route.ts';
import { connectionError, knownError } from './app-errors.ts';
import type { GatewayConfig } from './gateway-settings.ts';
import type { GatewayTls } from './gateway-tls.ts';
import { lateValidators } from './late-validators.ts';
import { problemOf } from './problem.ts';
import { writeProblem } from './raw-problem.ts';
import { sendError, sendProblem } from './reply-json.ts';
import type { CompileSchema } from './schema-validator.ts';

const bodyLimit = 1_048_576;
const pathPartMaxLength = 128;
const yamlTypes = ['application/yaml', 'text/yaml'];

type CompilersFactory = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>;

const compilersFactory = {
  buildValidator: lateValidators,
  buildSerializer: () => noSerializer,
} as unknown as CompilersFactory;

/** No route declares a response schema: answers are written as JSON where they are made. */
function noSerializer(): never {
  throw new Error('a route of the gateway has a response schema');
}

/**
 * A fastify server that answers every error as a problem document and logs no request. `onError` hears
 * the id of each that was answered.
 */
export function createApp(
  config: GatewayConfig,
  logger: FastifyBaseLogger,
  onError: (id: string) => void = () => {},
  tls?: Pick<GatewayTls, 'makeServer'>,
): FastifyInstance {
  const { requestTimeoutMs } = config;
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: requestIdField,
    }),
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: config.keepAliveMs,
    // Node compares the two when it makes the server, and fastify sets the first after that.
    http: {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: pathPartMaxLength },
    schemaController: { compilersFactory },
    ajv: {
      customOptions: {
        // Bodies are checked as they are: nothing is dropped, filled in or turned into another type.
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        discriminator: true,
        allowUnionTypes: true,
      },
    },
    clientErrorHandler: (error, socket) => {
      // Who could not agree on how to encrypt cannot be told why either.
      if (/^ERR_(SSL|TLS)_/.test(error.code)) socket.destroy();
      else writeProblem(socket, connectionError(error.code, requestTimeoutMs));
    },
    frameworkErrors: (error, request, reply) =>
      sendError(reply as FastifyReply, knownError(error, request.routeOptions.bodyLimit)),
    ...(tls && encrypted(tls, config)),
  });
  for (const type of yamlTypes) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
  }
  app.setErrorHandler((error, request, reply) => {
    const known = knownError(error, request.routeOptions.bodyLimit);
    if (known === undefined) request.log.error(error, 'a request failed');
    else refused(request, known);
    onError(known?.id ?? 'engine-internal');
    sendError(reply, known);
  });
  return app;
}

/** `https` has the address said as it is; the server is made by us. */
function encrypted(tls: Pick<GatewayTls, 'makeServer'>, config: GatewayConfig): object {
  return {
    https: true,
    serverFactory: (handler: RequestListener) => tls.makeServer(handler, config),
  };
}

/** For an operator who looks closer: the id of the error and the route's pattern, nothing that was sent. */
function refused({ log, method, routeOptions }: FastifyRequest, error: CodedError): void {
  const { id: code } = error;
  log.debug({ refused: { code, method, route: routeOptions.url } }, 'a request was refused');
}

/** Registers the routes; what is at none of their addresses is 404, or 405 with `Allow`. */
export function registerRoutes(app: FastifyInstance, routes: readonly ApiRoute[]): void {
  for (const route of routes) {
    const { method, url, body } = route;
    const options: RouteOptions = { method, url, handler: answering(route) };
    if (body !== undefined) options.schema = { body };
    if (route.bodyLimit !== undefined) options.bodyLimit = route.bodyLimit;
    app.route(options);
  }
  const patterns = routes.map(({ method, url }) => ({
    method,
    pattern: new RegExp(`^${url.replace(/:\w+/g, '[^/]+')}$`),
  }));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = patterns
      .filter(({ pattern }) => pattern.test(path))
      .map(({ method }) => method);
    if (methods.length === 0 || methods.some((method) => method === request.method)) {
      sendError(reply, engineErrors.create('engine-path-unknown'));
      return;
    }
    const error = engineErrors.create('engine-method-not-allowed', { method: request.method });
    sendProblem(reply.header('allow', methods.join(', ')), problemOf(error));
  });
}

/**
 * A handler answers through `reply`, perhaps long after it has returned: fastify, which takes the end
 * of an async handler for the answer, must not see its promise.
 */
function answering({ handler }: ApiRoute): RouteHandlerMethod {
  return (request, reply) => {
    const handled = handler(request, reply);
    if (handled instanceof Promise) handled.catch((error: unknown) => reply.send(error));
  };
}

/** Compiles schemas as the routes' are; there once the server is ready. */
export function schemaCompiler(app: FastifyInstance): CompileSchema {
  return app.validatorCompiler as unknown as CompileSchema;
}
