// @ts-check
import { call, huntPath } from './api.js';
import { byId, say } from './element.js';
import { problemWords } from './words.js';

/**
 * Asks for a name, and a team when the hunt has teams, until the server has taken them.
 * @param {import('@hunt/sdk').Hunt} hunt
 * @returns {Promise<import('@hunt/sdk').JoinedPlayer>}
 */
export function askToJoin(hunt) {
  const form = /** @type {HTMLFormElement} */ (byId('join-form'));
  const inTeams = hunt.teamSize > 1;
  const teamText = /** @type {HTMLInputElement} */ (byId('team-text'));
  byId('team-choice').hidden = !inTeams;
  teamText.required = inTeams;
  form.onchange = () => {
    byId('team-label').textContent = byCode() ? 'Code of the team' : 'Name of the team';
  };
  byId('join').hidden = false;
  byId('name').focus();

  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
      button.disabled = true;
      const fields = new FormData(form);
      const text = String(fields.get('teamText')).trim();
      const team = byCode() ? { joinCode: text.toUpperCase() } : { name: text };
      const body = { name: String(fields.get('name')).trim(), ...(inTeams ? { team } : {}) };
      try {
        // Once only: a repeated join would make a second player.
        const path = huntPath(hunt.hunt, '/players');
        const player = await call('POST', path, { body, once: true });
        say(byId('notice'), '');
        byId('join').hidden = true;
        resolve(player);
      } catch (error) {
        say(byId('notice'), problemWords(error));
        byId('notice').scrollIntoView({ block: 'nearest' });
      } finally {
        button.disabled = false;
      }
    };
  });

  function byCode() {
    return new FormData(form).get('team') === 'code';
  }
}
