/** A code block of a page that a test runs: marked `sh run`, or `sh cluster`. */
export interface Example {
  readonly script: string;
  /** The `json` block that follows, which shows the last line of what the script prints. */
  readonly answer: unknown;
}

/** Who runs a block: a test with one server, or one with a whole cluster. */
type Runner = 'sh run' | 'sh cluster';

/** The runnable blocks of a Markdown page, in order. */
export function examplesIn(page: string, runner: Runner = 'sh run'): Example[] {
  const block = new RegExp(`^\`\`\`(${runner}|json)\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  const examples: Example[] = [];
  for (const [, kind, text] of page.matchAll(block)) {
    const last = examples.pop();
    if (kind === 'json' && last !== undefined) {
      examples.push({ ...last, answer: JSON.parse(text!) });
    } else {
      if (last !== undefined) examples.push(last);
      examples.push({ script: text!, answer: undefined });
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
