/**
 * Who runs a block: a test with one server, or one with a whole cluster. On a page that begins with nothing,
 * `sh serve` goes on in a terminal of its own, and `sh stopped` is run once that was stopped.
 */
export type Runner = 'sh run' | 'sh cluster' | 'sh serve' | 'sh stopped';

/** A code block of a page that a test runs. */
export interface Example {
  readonly runner: Runner;
  readonly script: string;
  /** The `json` block that follows, which shows the last line of what the script prints. */
  readonly answer: unknown;
}

/** The runnable blocks of a Markdown page, in order. */
export function examplesIn(page: string, ...runners: readonly Runner[]): Example[] {
  const block = new RegExp(`^\`\`\`(${runners.join('|')}|json)\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  const examples: Example[] = [];
  for (const [, kind, text] of page.matchAll(block)) {
    const last = examples.pop();
    if (kind === 'json' && last !== undefined) {
      examples.push({ ...last, answer: JSON.parse(text!) });
    } else {
      if (last !== undefined) examples.push(last);
      examples.push({ runner: kind as Runner, script: text!, answer: undefined });
    }
  }
  return examples;
}

/** Values that a page promises word for word; all others are shown as examples of their type. */
const exactMembers = new Set(['outcome', 'code', 'status', 'retry', 'type', 'repeated']);

/** A JSON value with the words of stable members and the types of all others. */
export function shapeOf(value: unknown, member = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => shapeOf(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, shapeOf(item, key)]),
    );
  }
  // The code of a poster is signed with the secret of one deployment.
  if (member === 'code' && String(value).includes('.')) return typeof value;
  return exactMembers.has(member) ? value : typeof value;
}
