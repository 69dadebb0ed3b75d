import { AssertionError } from 'node:assert';
import { inspect } from 'node:util';

/** One line of the report that a test file's process leaves for the runner. */
export interface ReportLine {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly reason: string;
  readonly line: number;
}

/** The part of a `node:test` event that is read here. */
interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly nesting: number;
    readonly line?: number;
    readonly skip?: string | boolean;
    readonly todo?: string | boolean;
    readonly details?: {
      readonly type?: string;
      readonly error?: { readonly failureType?: string; readonly cause?: unknown };
    };
  };
}

/** A `node:test` reporter: one JSON object a line for every test that passed, failed or was skipped. */
export default async function* jsonReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  const path: string[] = [];
  for await (const event of events) {
    if (event.type === 'test:start') {
      path.length = event.data.nesting;
      path.push(event.data.name);
    } else if (event.type === 'test:pass' || event.type === 'test:fail') {
      path.length = event.data.nesting;
      path.push(event.data.name);
      const line = reportLine(event, path.join(' > '));
      if (line !== undefined) yield `${JSON.stringify(line)}\n`;
    }
  }
}

function reportLine(event: TestEvent, name: string): ReportLine | undefined {
  const { line = 0, skip, todo, details } = event.data;
  const error = details?.error;
  if (skip !== undefined && skip !== false) {
    return { name, result: 'skipped', reason: skip === true ? '' : skip, line };
  }
  if (todo !== undefined && todo !== false) {
    return { name, result: 'skipped', reason: `todo ${todo === true ? '' : todo}`.trim(), line };
  }
  if (event.type === 'test:pass') {
    return details?.type === 'suite' ? undefined : { name, result: 'passed', reason: '', line };
  }
  // The failed subtest has its own line.
  if (error?.failureType === 'subtestsFailed') return undefined;
  return { name, result: 'failed', reason: failureText(error?.cause ?? error), line };
}

/** The stack of a failed assertion holds its difference; inspecting it would print both sides again. */
function failureText(error: unknown): string {
  return error instanceof AssertionError ? (error.stack ?? error.message) : inspect(error);
}
