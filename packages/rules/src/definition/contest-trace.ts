import { rulesErrors } from '../errors.ts';

/** One submission of a recorded contest. */
export interface Submission {
  /** Since the contest began; may have a fraction. */
  readonly seconds: number;
  readonly team: string;
  readonly problem: string;
  readonly correct: boolean;
}

const header = ['seconds', 'team', 'problem', 'verdict'];
const bytesMost = 256 * 1_048_576;
const nameLengthMost = 200;
/** A year: longer than any contest, short enough to count in whole milliseconds. */
const secondsMost = 31_536_000;

/**
 * Reads a recorded contest: CSV (RFC 4180: quotes, CRLF or LF, an optional byte order mark, empty lines
 * skipped) with the columns `seconds,team,problem,verdict` in this order and a verdict of `correct` or
 * `wrong`. Submissions come in the order of the file.
 *
 * @throws rules-trace-too-large above 256 Mi characters, rules-trace-header-invalid,
 * rules-trace-row-invalid with the line, rules-trace-empty.
 */
export function parseContestTrace(csvText: string): Submission[] {
  if (csvText.length > bytesMost) {
    throw rulesErrors.create('rules-trace-too-large', { bytes: csvText.length, limit: bytesMost });
  }
  const submissions: Submission[] = [];
  let headerSeen = false;
  for (const row of csvRows(csvText)) {
    if (headerSeen) {
      submissions.push(submissionOf(row));
    } else {
      checkHeader(row);
      headerSeen = true;
    }
  }
  if (!headerSeen) checkHeader({ line: 1, fields: [''] });
  if (submissions.length === 0) throw rulesErrors.create('rules-trace-empty');
  return submissions;
}

interface CsvRow {
  readonly line: number;
  readonly fields: string[];
}

function checkHeader({ fields }: CsvRow): void {
  const names = fields.map((field) => field.trim().toLowerCase());
  if (names.join() === header.join()) return;
  throw rulesErrors.create('rules-trace-header-invalid', {
    expected: header.join(),
    found: fields.join().slice(0, 100),
  });
}

function submissionOf({ line, fields }: CsvRow): Submission {
  if (fields.length !== header.length) {
    throw rowError(line, `it has ${fields.length} columns instead of ${header.length}`);
  }
  const [seconds, team, problem, verdict] = fields.map((field) => field.trim()) as [
    string,
    string,
    string,
    string,
  ];
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(seconds) || Number(seconds) > secondsMost) {
    throw rowError(line, `seconds must be a number from 0 to ${secondsMost}`);
  }
  for (const [column, name] of [
    ['team', team],
    ['problem', problem],
  ] as const) {
    if (name === '' || name.length > nameLengthMost || /\p{Cc}|\p{Cs}/u.test(name)) {
      throw rowError(line, `${column} must be 1 to ${nameLengthMost} printable characters`);
    }
  }
  if (verdict !== 'correct' && verdict !== 'wrong') {
    throw rowError(line, 'verdict must be "correct" or "wrong"');
  }
  return { seconds: Number(seconds), team, problem, correct: verdict === 'correct' };
}

function rowError(line: number, reason: string) {
  return rulesErrors.create('rules-trace-row-invalid', { line, reason });
}

/** Field, then what ends it. A quoted field may hold commas, doubled quotes and line ends. */
const fieldExpression = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/y;

function* csvRows(text: string): Generator<CsvRow> {
  // Line breaks inside quotes count, so that the line in a message is the line in the file.
  let line = 1;
  let start = line;
  let fields: string[] = [];
  fieldExpression.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  while (fieldExpression.lastIndex < text.length || fields.length > 0) {
    const match = fieldExpression.exec(text);
    if (match === null) throw rowError(line, 'a quote or carriage return is out of place');
    const [, quoted, plain, end] = match;
    if (quoted !== undefined) line += quoted.split('\n').length - 1;
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    if (fields.length > 1 || fields[0] !== '') yield { line: start, fields };
    fields = [];
    line++;
    start = line;
  }
}
