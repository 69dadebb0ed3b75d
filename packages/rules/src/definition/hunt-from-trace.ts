import { rulesErrors } from '../errors.ts';
import { parseContestTrace, type Submission } from './contest-trace.ts';
import { huntLimits } from './hunt-limits.ts';
import { formatInstant, parseInstant } from './instant.ts';
import { isSlug, slugify } from './slug.ts';

export interface TraceHuntOptions {
  /** Default `contest`. */
  readonly id?: string;
  /** Default `Contest`. */
  readonly title?: string;
  /** RFC 3339 with offset; default 2026-01-01T00:00:00Z. */
  readonly opens?: string;
}

/** The accepted answer of every step: the verdict of the trace. */
export const traceAnswer = 'correct';

/**
 * Writes the hunt file for a recorded contest (see `parseContestTrace`): one step of one point per
 * problem in order of name (by code unit), with the problem's name as its title; the verdict `correct`
 * as the accepted answer; ties by penalty time, 1,200 s for each wrong answer. The hunt is open from
 * `opens` until the first full second after the last submission. The same trace gives the same text.
 *
 * @throws rules-trace-option-invalid, rules-trace-problems-too-many, and what `parseContestTrace` throws.
 */
export function huntFromTrace(csvText: string, options: TraceHuntOptions = {}): string {
  const { id = 'contest', title = 'Contest', opens = '2026-01-01T00:00:00Z' } = options;
  const opensAt = parseInstant(opens);
  checkOption('id', id, isSlug(id), 'an id of small letters, digits and hyphens');
  const printable =
    title.trim() !== '' && title.length <= huntLimits.titleLength && !/\p{Cc}|\p{Cs}/u.test(title);
  checkOption('title', title, printable, `1 to ${huntLimits.titleLength} printable characters`);
  checkOption('opens', opens, opensAt !== undefined, 'a time with date and offset from UTC');

  const submissions = parseContestTrace(csvText);
  const problems = problemsOf(submissions);
  const lastSecond = submissions.reduce((last, { seconds }) => Math.max(last, seconds), 0);
  const closes = formatInstant(opensAt! + (Math.floor(lastSecond) + 1) * 1_000);
  const ids = new Set<string>();
  return [
    '# Written by "hunt new --from-trace" from a recorded contest: one step per problem, whose',
    `# accepted answer is the verdict "${traceAnswer}". The trace holds ${submissions.length} submissions.`,
    `hunt: ${quotedIfNeeded(id)}`,
    `title: ${JSON.stringify(title)}`,
    'version: 1',
    `opens: ${opens}`,
    `closes: ${closes}`,
    'teams: solo',
    'scoring:',
    '  ties: penalty',
    '  wrongAnswerPenalty: 1200s',
    'steps:',
    ...problems.flatMap((problem) => [
      `  - id: ${quotedIfNeeded(newId(problem, ids))}`,
      `    title: ${JSON.stringify(problem)}`,
      '    points: 1',
      `    answers: [${traceAnswer}]`,
    ]),
    '',
  ].join('\n');
}

function checkOption(option: string, found: string, valid: boolean, expected: string): void {
  if (valid) return;
  const details = { option, found: found.slice(0, 100), expected };
  throw rulesErrors.create('rules-trace-option-invalid', details);
}

function problemsOf(submissions: readonly Submission[]): string[] {
  const problems = [...new Set(submissions.map(({ problem }) => problem))].sort();
  const limit = huntLimits.steps;
  if (problems.length <= limit) return problems;
  throw rulesErrors.create('rules-trace-problems-too-many', { count: problems.length, limit });
}

/** Names that differ only in what an id cannot show get numbers: `a`, `a-2`. */
function newId(problem: string, taken: Set<string>): string {
  const base = slugify(problem) || 'problem';
  let id = base;
  for (let number = 2; taken.has(id); number++) {
    const suffix = `-${number}`;
    id = `${base.slice(0, 64 - suffix.length)}${suffix}`;
  }
  taken.add(id);
  return id;
}

/** YAML takes some ids for numbers, truth values or nothing. */
function quotedIfNeeded(id: string): string {
  const plain = /^[a-z][a-z0-9-]*$/.test(id) && !/^(?:true|false|null|yes|no|on|off|y|n)$/.test(id);
  return plain ? id : JSON.stringify(id);
}
