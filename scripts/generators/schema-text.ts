/** The part of JSON Schema that the API uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
}

/** A schema in the words of TypeScript; over several lines, beginning with `indent`, where it is told. */
export function schemaText(schema: Schema, indent?: string): string {
  const { $ref, enum: values, oneOf, anyOf, type, items, format } = schema;
  if ($ref !== undefined) return $ref.split('/').at(-1)!;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  const choices = oneOf ?? anyOf;
  if (choices !== undefined) {
    const separator = indent === undefined ? ' | ' : `\n${indent}| `;
    return choices.map((one) => schemaText(one, indent)).join(separator);
  }
  if (type === 'array') return items === undefined ? 'any[]' : listText(schemaText(items, indent));
  const names = [type ?? (schema.properties === undefined ? 'any' : 'object')].flat();
  return names
    .map((name) => {
      if (name === 'object') return objectText(schema, indent);
      return name === 'string' && format !== undefined ? format : name;
    })
    .join(' | ');
}

function listText(item: string): string {
  return / \| /.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
}

function objectText(schema: Schema, indent: string | undefined): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const inner = indent === undefined ? undefined : `${indent}  `;
  const members = Object.entries(properties).map(([name, property]) => {
    const text = property.description ?? property.items?.description;
    const note = inner === undefined || text === undefined ? '' : `  // ${text}`;
    const mark = required.includes(name) ? '' : '?';
    return `${name}${mark}: ${schemaText(property, inner)}${note}`;
  });
  if (additionalProperties !== false) members.push('…');
  if (indent === undefined) return `{ ${members.join(', ')} }`;
  return `{\n${members.map((member) => `${inner}${member}`).join('\n')}\n${indent}}`;
}
