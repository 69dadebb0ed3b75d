import { engineSchema } from '@hunt/engine';
import { formatValue, valueText } from 'veltrix/config';
import { wrap } from '../arguments/help.ts';

/** Every setting of the engine, for people: name and default, meaning, why one would change it, range. */
export function settingsList(columns: number): string {
  const parts = [...engineSchema.properties].map(([name, property]) => {
    const title = `${name}=${formatValue(property, property.default)}`;
    return [
      title,
      wrap(`${property.text} ${property.why} It is ${valueText(property)}.`, columns),
    ].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
