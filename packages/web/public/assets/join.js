// @ts-check
import { call, huntPath, newKey, Problem } from './api.js';
import { byId, say } from './element.js';
import { savedJoin, saveJoin } from './session.js';
import { problemWords } from './words.js';

/** @typedef {import('@hunt/sdk').JoinRequest} JoinRequest */

/**
 * Asks for a name, and a team when the hunt has teams, until the server has taken them. A join that
 * was under way when the page was left goes on first.
 * @param {import('@hunt/sdk').Hunt} hunt
 * @returns {Promise<import('@hunt/sdk').JoinedPlayer>}
 */
export function askToJoin(hunt) {
  const form = /** @type {HTMLFormElement} */ (byId('join-form'));
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
  const name = /** @type {HTMLInputElement} */ (byId('name'));
  const teamText = /** @type {HTMLInputElement} */ (byId('team-text'));
  const inTeams = hunt.teamSize > 1;
  byId('team-choice').hidden = !inTeams;
  teamText.required = inTeams;
  form.onchange = showLabel;
  byId('join').hidden = false;
  name.focus();
  const begun = savedJoin(hunt.hunt);

  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      void send(typed());
    };
    if (begun !== undefined) {
      fillIn(begun.request);
      void send(begun.request);
    }

    /** @param {JoinRequest} request */
    async function send(request) {
      button.disabled = true;
      const before = savedJoin(hunt.hunt);
      const isSame = JSON.stringify(before?.request) === JSON.stringify(request);
      const key = before !== undefined && isSame ? before.key : newKey();
      // As long as nobody knows how it ended the same join is the same player.
      saveJoin(hunt.hunt, { key, request });
      try {
        const path = huntPath(hunt.hunt, '/players');
        const player = await call('POST', path, { body: request, key });
        saveJoin(hunt.hunt, undefined);
        say(byId('notice'), '');
        byId('join').hidden = true;
        resolve(player);
      } catch (error) {
        if (error instanceof Problem && !error.passing) saveJoin(hunt.hunt, undefined);
        say(byId('notice'), problemWords(error));
        byId('notice').scrollIntoView({ block: 'nearest' });
      } finally {
        button.disabled = false;
      }
    }
  });

  /** @returns {JoinRequest} */
  function typed() {
    const text = teamText.value.trim();
    const team = byCode() ? { joinCode: text.toUpperCase() } : { name: text };
    return { name: name.value.trim(), ...(inTeams ? { team } : {}) };
  }

  /** @param {JoinRequest} request */
  function fillIn({ name: before, team }) {
    name.value = before;
    if (team === undefined) return;
    const isCode = 'joinCode' in team;
    const choice = form.querySelector(`[name=team][value=${isCode ? 'code' : 'new'}]`);
    /** @type {HTMLInputElement} */ (choice).checked = true;
    teamText.value = isCode ? team.joinCode : team.name;
    showLabel();
  }

  function showLabel() {
    byId('team-label').textContent = byCode() ? 'Code of the team' : 'Name of the team';
  }

  function byCode() {
    return new FormData(form).get('team') === 'code';
  }
}
