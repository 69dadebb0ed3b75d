// @ts-check

/** @typedef {import('@hunt/sdk').Hunt} Hunt */
/** @typedef {import('@hunt/sdk').HuntStep} HuntStep */

/**
 * The scan code of this hunt in what somebody scanned, typed or followed: posters carry the code alone, or a link with
 * it. Says nothing about its signature.
 * @param {Hunt} hunt
 * @param {string} text
 * @returns {{ code: string, step: HuntStep } | { problem: string }}
 */
export function readScanCode(hunt, text) {
  const trimmed = text.trim();
  const code = URL.canParse(trimmed)
    ? (new URL(trimmed).searchParams.get('scan') ?? trimmed)
    : trimmed;
  const [, huntId, stepId] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.[\w-]{22}$/.exec(code) ?? [];
  const step = hunt.steps.find(({ id }) => id === stepId);
  if (huntId !== hunt.hunt || step === undefined) {
    return { problem: 'This code does not belong to this hunt.' };
  }
  return { code, step };
}

/**
 * The same where the code of one step is wanted.
 * @param {Hunt} hunt
 * @param {HuntStep} step
 * @param {string} text
 * @returns {{ code: string } | { problem: string }}
 */
export function readCodeOfStep(hunt, step, text) {
  const read = readScanCode(hunt, text);
  if ('problem' in read || read.step.id === step.id) return read;
  return { problem: `This is the code of “${read.step.title}”, not of “${step.title}”.` };
}
