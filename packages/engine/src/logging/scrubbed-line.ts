/**
 * The last word before a line is written. Nothing secret or personal should come this far; what has
 * the shape of it is taken out all the same. Lines are rare, and this costs about a microsecond.
 */
const shapes: readonly (readonly [RegExp, string])[] = [
  // Credentials in an address, as in redis://user:password@host.
  [/(:\/\/)[^\s/@"\\]+@/g, '$1[hidden]@'],
  [/\b(Bearer|Basic) +[\w.~+/=-]+/gi, '$1 [hidden]'],
  // Tokens of players, keys of organisers.
  [/\bp1\.[\w-]{20,}/g, '[token]'],
  [/\bhok_\w{16,}/g, '[key]'],
  [/[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/g, '[e-mail]'],
];

export function scrubbedLine(line: string): string {
  let scrubbed = line;
  for (const [shape, instead] of shapes) scrubbed = scrubbed.replace(shape, instead);
  return scrubbed;
}
