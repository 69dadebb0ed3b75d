import type { HuntDefinition } from '@hunt/rules';
import { wrap } from '../arguments/help.ts';

export interface InvitationOptions {
  readonly url: string;
  readonly data: string;
  readonly organiserKeyFile: string;
  readonly columns: number;
  /** The sample hunt when it is served: its answers may be told. */
  readonly sample: HuntDefinition | undefined;
}

/** What the operator sees when the engine is ready: what to open, and how to try it. */
export function invitation(options: InvitationOptions): string {
  const { url, data, organiserKeyFile, columns, sample } = options;
  const facts = [
    ['Play', `${url}/`],
    ['Board', `${url}/board`],
    ['API', `${url}/openapi.json`],
    ['Data', data],
    ['Key', organiserKeyFile],
    // Unbroken: it is to be copied.
    ['Codes', codesCommand(url, organiserKeyFile, sample?.id ?? 'ID')],
  ].map(([name, value]) => `  ${name!.padEnd(6)} ${value}`);
  const parts = ['The treasure hunt engine is ready.', facts.join('\n')];
  if (sample !== undefined) {
    parts.push(
      wrap('To join the sample hunt and solve its first step, in another terminal:', columns),
      // Unbroken: these are to be copied.
      firstSolve(url, sample),
    );
  }
  parts.push(wrap('Ctrl-C stops it; started again it goes on where it stopped.', columns));
  return `${parts.join('\n\n')}\n`;
}

/** What lists the codes of the posters. */
function codesCommand(url: string, organiserKeyFile: string, hunt: string): string {
  return `HUNT_ORGANISER_KEY=$(cat ${quoted(organiserKeyFile)}) npx hunt codes --hunt ${hunt} --target ${url}`;
}

/** For a shell, where it needs that. */
function quoted(file: string): string {
  return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}

/** A `curl` to join, keeping the token, and one that solves the first open step with an answer. */
function firstSolve(url: string, hunt: HuntDefinition): string {
  const step = hunt.steps.find(({ kind, requires }) => kind === 'answer' && requires === null)!;
  const base = `${url}/v1/hunts/${hunt.id}`;
  const json = "-H 'content-type: application/json'";
  // The time makes a new team name each time the lines are run.
  const team = hunt.teamSize > 1 ? `,"team":{"name":"Team '$(date +%s)'"}` : '';
  const join = `'{"name":"Ada"${team}}'`;
  const answer = JSON.stringify({
    type: 'submit-answer',
    step: step.id,
    answer: step.answers[0],
  });
  return [
    `TOKEN=$(curl -s ${base}/players ${json} -d ${join} | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')`,
    `curl -sw '\\n' ${base}/commands ${json} -H "authorization: Bearer $TOKEN" -d '${answer}'`,
  ].join('\n');
}
