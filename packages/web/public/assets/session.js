// @ts-check
/** @typedef {import('@hunt/sdk').JoinedPlayer} JoinedPlayer */

/** Private windows may refuse storage: then the player stays for as long as the page is open. */
const fallback = new Map();

/**
 * Who this device plays as.
 * @param {string} hunt
 * @returns {JoinedPlayer | undefined}
 */
export function savedPlayer(hunt) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(hunt)) ?? 'null') ?? fallback.get(hunt);
  } catch {
    return fallback.get(hunt);
  }
}

/**
 * @param {string} hunt
 * @param {JoinedPlayer | undefined} player undefined forgets
 */
export function savePlayer(hunt, player) {
  fallback.set(hunt, player);
  try {
    if (player === undefined) localStorage.removeItem(keyOf(hunt));
    else localStorage.setItem(keyOf(hunt), JSON.stringify(player));
  } catch {
    // The fallback has it.
  }
}

/** @param {string} hunt */
function keyOf(hunt) {
  return `hunt-player:${hunt}`;
}
