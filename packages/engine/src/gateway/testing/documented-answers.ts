import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<object> }>>;
}

interface Place {
  readonly path: string;
  readonly pattern: RegExp;
  readonly parameters: number;
}

/** Holds JSON answers against the API's own OpenAPI document. */
export class DocumentedAnswers {
  readonly #document: OpenApi;
  readonly #ajv: Ajv2020;
  readonly #places: readonly Place[];
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: OpenApi) {
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(this.#ajv);
    this.#ajv.addSchema(document, 'openapi');
    this.#places = Object.keys(document.paths)
      .map((path) => ({
        path,
        pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
        parameters: path.split('{').length - 1,
      }))
      .sort((one, other) => one.parameters - other.parameters);
  }

  /** Throws when the document does not know an answer with this status and type, or of this shape. */
  check(method: string, target: string, status: number, contentType: string, body: unknown): void {
    const mediaType = contentType.split(';')[0]!;
    const pointer = this.#pointer(method, target, status, mediaType);
    const what = `${method} ${target} answered ${status} ${mediaType}`;
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `openapi#${pointer}` });
      this.#validators.set(pointer, validate);
    }
    const valid = validate(body);
    assert.ok(valid, `${what}: ${JSON.stringify(body)} ${this.#ajv.errorsText(validate.errors)}`);
  }

  #pointer(method: string, target: string, status: number, mediaType: string): string {
    const address = target.split('?', 1)[0]!;
    const path = this.#places.find(({ pattern }) => pattern.test(address))?.path ?? '';
    const responses = this.#document.paths[path]?.[method.toLowerCase()]?.responses;
    // An address or method that is not there has no operation that could describe it.
    if (responses === undefined) return '/components/schemas/Problem';
    const described = String(status) in responses ? String(status) : 'default';
    assert.ok(
      mediaType in (responses[described]?.content ?? {}),
      `${method} ${path} does not say that it may answer ${status} ${mediaType}`,
    );
    const parts = ['paths', path, method.toLowerCase(), 'responses', described, 'content'];
    const escaped = [...parts, mediaType, 'schema'].map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    return `/${escaped.join('/')}`;
  }
}

let documented: Promise<DocumentedAnswers> | undefined;

/** Of the document that the server at `url` gives; read once, as it is the same for all. */
export function documentedAnswers(url: string): Promise<DocumentedAnswers> {
  documented ??= fetch(`${url}/openapi.json`)
    .then((response) => response.json())
    .then((document) => new DocumentedAnswers(document as OpenApi));
  return documented;
}
