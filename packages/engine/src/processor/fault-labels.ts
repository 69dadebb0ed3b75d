import { commandType, messageType } from '@hunt/rules';

const namedByType: ReadonlyMap<number, string> = new Map(
  [...Object.entries(commandType), ...Object.entries(messageType)].map(([name, type]) => [
    type,
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  ]),
);

/** What a partition may be asked for, and `unknown` for what another release asks. */
export const askedTypes: readonly string[] = [...namedByType.values(), 'unknown'];

/** Name of a command, message or timer, such as `submit-answer`. */
export function askedTypeName(type: number): string {
  return namedByType.get(type) ?? 'unknown';
}
