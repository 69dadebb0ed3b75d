import { type ConfigSchema, formatValue, valueText } from 'veltrix/config';
import { wrap } from '../arguments/help.ts';

/** Every setting, for people: name and default, meaning, why one would change it, range. */
export function settingsList({ properties }: ConfigSchema, columns: number): string {
  const parts = [...properties].map(([name, property]) => {
    const title = `${name}=${formatValue(property, property.default)}`;
    return [
      title,
      wrap(`${property.text} ${property.why} It is ${valueText(property)}.`, columns),
    ].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
