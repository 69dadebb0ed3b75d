// @ts-check
/** @typedef {import('@hunt/sdk').JoinedPlayer} JoinedPlayer */
/** @typedef {import('@hunt/sdk').JoinRequest} JoinRequest */

/** Private windows may refuse storage: then what is kept stays for as long as the page is open. */
const fallback = new Map();

/**
 * Who this device plays as.
 * @param {string} hunt
 * @returns {JoinedPlayer | undefined}
 */
export function savedPlayer(hunt) {
  return kept(`hunt-player:${hunt}`);
}

/**
 * @param {string} hunt
 * @param {JoinedPlayer | undefined} player undefined forgets
 */
export function savePlayer(hunt, player) {
  keep(`hunt-player:${hunt}`, player);
}

/**
 * A join that has begun and of which nobody knows how it ended. Its key is as secret as a token.
 * @param {string} hunt
 * @returns {{ key: string, request: JoinRequest } | undefined}
 */
export function savedJoin(hunt) {
  return kept(`hunt-join:${hunt}`);
}

/**
 * @param {string} hunt
 * @param {{ key: string, request: JoinRequest } | undefined} join undefined forgets
 */
export function saveJoin(hunt, join) {
  keep(`hunt-join:${hunt}`, join);
}

/** @param {string} key */
function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? fallback.get(key);
  } catch {
    return fallback.get(key);
  }
}

/**
 * @param {string} key
 * @param {object | undefined} value
 */
function keep(key, value) {
  fallback.set(key, value);
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The fallback has it.
  }
}
