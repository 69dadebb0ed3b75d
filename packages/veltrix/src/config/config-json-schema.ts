import { overrideSections, overridesKey, targetKinds } from './config-layer.ts';
import type { ConfigSchema } from './config-schema.ts';
import { isNumber, type NumberProperty, type Property } from './property.ts';
import { formatValue, rangeText } from './property-value.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 7) of a file of settings, for editors. What it refuses, reading the file does, too. */
export function configJsonSchema(schema: ConfigSchema, title: string): JsonSchema {
  const scopes = (of: (property: Property) => boolean): JsonSchema => {
    const written = [...schema.paths].flatMap(([path, name]) => {
      const property = schema.properties.get(name)!;
      return of(property) ? [[path, propertySchema(property)] as const] : [];
    });
    // A scope of which nothing is left is there all the same.
    const empty = schema.scopes.map((scope) => [scope, closedSection({})] as const);
    const whole = written.filter(([path]) => path.includes('.'));
    return { ...Object.fromEntries(empty), ...nested(written), ...Object.fromEntries(whole) };
  };
  const sectionOf = (of: (property: Property) => boolean): JsonSchema => ({
    type: ['object', 'null'],
    additionalProperties: false,
    properties: scopes(of),
  });
  const overrides = targetKinds.map((kind) => {
    const section = sectionOf((property) => kind !== 'hunt' || property.perHunt === true);
    const names = kind === 'role' ? { propertyNames: { enum: schema.roles } } : {};
    return [
      overrideSections[kind],
      { type: ['object', 'null'], ...names, additionalProperties: section },
    ];
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      ...scopes(() => true),
      [overridesKey]: {
        description: 'Values for processes with a role, for a node, or for a hunt alone.',
        type: ['object', 'null'],
        additionalProperties: false,
        properties: Object.fromEntries(overrides),
      },
    },
  };
}

function closedSection(properties: JsonSchema): JsonSchema {
  return { type: ['object', 'null'], additionalProperties: false, properties };
}

/** By the first key of each path; what is below it in a section. */
function nested(written: readonly (readonly [path: string, form: JsonSchema])[]): JsonSchema {
  const below = new Map<string, (readonly [string, JsonSchema])[]>();
  const own = new Map<string, JsonSchema>();
  for (const [path, form] of written) {
    const at = path.indexOf('.');
    if (at < 0) own.set(path, form);
    else {
      const [key, rest] = [path.slice(0, at), path.slice(at + 1)];
      below.set(key, [...(below.get(key) ?? []), [rest, form]]);
    }
  }
  return Object.fromEntries(
    [...new Set([...below.keys(), ...own.keys()])].map((key) => {
      const inner = below.get(key);
      const section = inner && closedSection(nested(inner));
      const form = own.get(key);
      return [key, section && form ? { anyOf: [form, section] } : (section ?? form)];
    }),
  );
}

function propertySchema(property: Property): JsonSchema {
  const usual = formatValue(property, property.default);
  const range = isNumber(property) ? ` It is ${rangeText(property)}.` : '';
  const description = `${property.text}${range} Default: ${usual === '' ? 'none' : usual}.`;
  return { description, ...formOf(property) };
}

function formOf(property: Property): JsonSchema {
  if (isNumber(property)) return { anyOf: [numberForm(property), quantityForm(property)] };
  switch (property.type) {
    case 'boolean':
      return { enum: [true, false, 'true', 'false'] };
    case 'choice':
      return { enum: property.choices };
    case 'list':
      return {
        anyOf: [
          {
            type: 'array',
            items: property.choices ? { enum: property.choices } : { type: 'string' },
          },
          { type: 'string' },
        ],
      };
    case 'map':
      return {
        anyOf: [
          { type: 'object', additionalProperties: { type: ['string', 'number'] } },
          { type: 'string' },
        ],
      };
    case 'secret':
      return { type: 'string', pattern: '^(|file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$' };
    default:
      return { type: 'string', ...(property.form && { pattern: property.form.source }) };
  }
}

function numberForm({ type, least, most, multipleOf }: NumberProperty): JsonSchema {
  return {
    type: type === 'ratio' ? 'number' : 'integer',
    minimum: least,
    maximum: most,
    ...(multipleOf && { multipleOf }),
  };
}

const unitForms = {
  integer: '',
  bytes: '([kKMGT]i?|P)?[bB]',
  duration: '(ms|s|m|h|d)',
  ratio: '%',
} as const;

/** Looser than reading is: a pattern cannot know the range. */
function quantityForm({ type }: NumberProperty): JsonSchema {
  const unit = unitForms[type] === '' ? '' : ` ?(${unitForms[type]})?`;
  return { type: 'string', pattern: `^[+-]?[0-9]+(_[0-9]+)*(\\.[0-9]+)?(e\\+?[0-9]+)?${unit}$` };
}
