// @ts-check

let offsetMs = 0;

/**
 * Sets the page's clock by the server's: people's devices are wrong by minutes.
 * @param {string | number | undefined} now
 */
export function setServerTime(now) {
  if (now !== undefined) offsetMs = new Date(now).getTime() - Date.now();
}

/** Milliseconds since the epoch, by the server's clock. */
export function serverNow() {
  return Date.now() + offsetMs;
}

/**
 * Whole seconds until a time by the server's clock; 0 when it is over.
 * @param {number} time
 */
export function secondsUntil(time) {
  return Math.max(0, Math.ceil((time - serverNow()) / 1_000));
}

/**
 * `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`, and from ten days on only `12 d`.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds >= 10 * 86_400) return `${Math.floor(seconds / 86_400)} d`;
  const units = /** @type {const} */ ([
    [86_400, 'd', 3_600, 'h'],
    [3_600, 'h', 60, 'min'],
    [60, 'min', 1, 's'],
  ]);
  for (const [size, name, smallerSize, smallerName] of units) {
    if (seconds < size) continue;
    const smaller = Math.floor((seconds % size) / smallerSize);
    return `${Math.floor(seconds / size)} ${name}${smaller === 0 ? '' : ` ${smaller} ${smallerName}`}`;
  }
  return `${seconds} s`;
}
