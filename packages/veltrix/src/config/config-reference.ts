import { type ConfigSchema, scopeOf } from './config-schema.ts';
import type { Property } from './property.ts';
import { isNumber } from './property.ts';
import { formatValue, rangeText } from './property-value.ts';

/** What may be given, in words. */
export function valueText(property: Property): string {
  if (isNumber(property)) {
    const unit = property.unit === undefined ? '' : ` (${property.unit})`;
    const { multipleOf } = property;
    const blocks = multipleOf ? `, a multiple of ${formatValue(property, multipleOf)}` : '';
    return `${rangeText(property)}${blocks}${unit}`;
  }
  switch (property.type) {
    case 'boolean':
      return 'true or false';
    case 'choice':
      return `one of ${property.choices.join(', ')}`;
    case 'list':
      return `a list${property.choices ? ` of some of ${property.choices.join(', ')}` : ''}`;
    case 'map':
      return 'keys and values, or a text such as `a=1,b=2`';
    case 'secret':
      return 'a reference, file:PATH or env:NAME';
    default:
      return property.formText ?? 'a text';
  }
}

/** Every property, as Markdown: a table for each scope, then each by itself. */
export function configReference(schema: ConfigSchema): string {
  return schema.scopes
    .map((scope) => {
      const own = [...schema.properties].filter(([name]) => scopeOf(name) === scope);
      const parts = own.map(([name, property]) => propertyReference(schema, name, property));
      return [`## ${scope}`, ...parts].join('\n\n');
    })
    .join('\n\n');
}

function propertyReference(schema: ConfigSchema, name: string, property: Property): string {
  const { text, why, metrics = [], dynamic, perHunt, required, alias } = property;
  const usual = formatValue(property, property.default);
  const rows = [
    `- Value: ${valueText(property)}. ${required ? 'It has to be given' : `Default: ${usual === '' ? 'none' : `\`${usual}\``}`}`,
    ...(alias === undefined ? [] : [`- In the file also: \`${alias}\``]),
    `- Variable: \`${schema.variableOf(name)}\``,
    `- A change counts ${dynamic ? 'at once' : 'when a process is started'}${perHunt ? '; may differ by hunt' : ''}`,
    ...(metrics.length === 0 ? [] : [`- Watch: ${metrics.map((one) => `\`${one}\``).join(', ')}`]),
    ...relationRows(schema, name),
  ];
  return `### ${name}\n\n${text} ${why}\n\n${rows.join('\n')}`;
}

function relationRows(schema: ConfigSchema, name: string): string[] {
  const others = schema.relations
    .filter(({ names }) => names.includes(name))
    .flatMap(({ names }) => names.filter((other) => other !== name));
  if (others.length === 0) return [];
  return [`- Has to go together with: ${others.map((other) => `\`${other}\``).join(', ')}`];
}
