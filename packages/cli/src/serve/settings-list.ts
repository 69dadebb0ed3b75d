import { engineSchema } from '@hunt/engine';
import { formatValue, isNumber, rangeText } from 'veltrix/config';
import { wrap } from '../arguments/help.ts';

/** Every setting of the engine, for people: name and default, range, meaning. */
export function settingsList(columns: number): string {
  const parts = [...engineSchema.properties].map(([name, property]) => {
    const range = isNumber(property) ? ` It is ${rangeText(property)}.` : '';
    const title = `${name}=${formatValue(property, property.default)}`;
    return [title, wrap(`${property.text}${range}`, columns)].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
