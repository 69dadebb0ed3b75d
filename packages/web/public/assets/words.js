// @ts-check
import { Problem } from './api.js';
import { duration } from './server-time.js';

/** Problems whose own text is not meant for players. The server's text for all others is plain enough. */
const words = /** @type {Record<string, string>} */ ({
  'engine-overloaded': 'The server is very busy.',
  'engine-partition-overloaded': 'The server is very busy.',
  'engine-rate-limited': 'That was too fast.',
  'engine-not-ready': 'The server is just starting.',
  'engine-draining': 'The server is just restarting.',
  'engine-token-invalid': 'Your session has ended. Please join again.',
  'engine-token-expired': 'Your session has ended. Please join again.',
  'engine-scan-code-invalid': 'This is not the code of this step. Scan the poster again.',
  'veltrix-partition-stopped':
    'The server has a problem with the game of your team. Please tell the organisers, and come back later.',
  'rules-hunt-unknown': 'This hunt does not exist.',
  'rules-team-unknown': 'Your team is not in this hunt. Please join again.',
  'rules-step-cooling-down': 'Please wait after a wrong answer.',
});

/**
 * A problem in plain words.
 * @param {unknown} error
 */
export function problemWords(error) {
  if (!(error instanceof Problem)) return 'Something went wrong on this page. Reload it.';
  if (error.code === '')
    return 'The server cannot be reached. Check your connection and try again.';
  const seconds = error.status === 404 ? 0 : Number(error.members['retryAfterSeconds'] ?? 0);
  const text = words[error.code] ?? `${error.message || 'That did not work'}.`;
  return seconds > 0 ? `${text} Try again in ${duration(seconds)}.` : text;
}

/**
 * What came of a command, in plain words.
 * @param {Record<string, any>} result
 */
export function outcomeWords(result) {
  switch (result['outcome']) {
    case 'solved':
      return `Solved! ${points(result['points'] ?? 0)}.`;
    case 'wrong':
      return result['coolDownSeconds'] > 0
        ? `That is not it. Try again in ${duration(result['coolDownSeconds'])}.`
        : 'That is not it. Try again.';
    case 'too-far':
      return result['distanceMeters'] === undefined
        ? 'You are not there yet.'
        : `You are ${result['distanceMeters']} m away. Come closer.`;
    case 'too-coarse':
      return 'Your position is not exact enough. Step outside and try again.';
    case 'hint-taken':
      return 'Here is your hint.';
    case 'granted':
      return `It is yours: number ${result['number']}.`;
    case 'reserved':
      return 'Reserved for you. Collect it now.';
    case 'collected':
      return `Collected: number ${result['number']}.`;
    case 'claim-pending':
    case 'collect-pending':
      return 'Asked for it. The answer will appear here.';
    case 'sold-out':
      return 'Nothing is left of it.';
    case 'expired':
      return 'The reservation has expired.';
    default:
      return 'Sent. The outcome will appear here.';
  }
}

/** @param {number} count */
export function points(count) {
  return `${count} ${Math.abs(count) === 1 ? 'point' : 'points'}`;
}
