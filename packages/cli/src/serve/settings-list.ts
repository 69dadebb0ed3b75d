import { engineSettings } from '@hunt/engine';
import { wrap } from '../arguments/help.ts';

/** Every setting of the engine, for people: name and default, range, meaning. */
export function settingsList(columns: number): string {
  const parts = [...engineSettings].map(([name, { default: value, least, most, text }]) =>
    [`${name}=${value}`, wrap(`${text} From ${least} to ${most}.`, columns)].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}
