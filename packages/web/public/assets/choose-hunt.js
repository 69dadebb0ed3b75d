// @ts-check
import { call } from './api.js';
import { byId, element } from './element.js';
import { serverNow } from './server-time.js';

/**
 * The hunt that the address names, or the only one there is; otherwise shows them all to choose from.
 * @param {string} page where the choice leads
 * @returns {Promise<string | undefined>}
 */
export async function chooseHunt(page) {
  const query = new URLSearchParams(location.search);
  const named = query.get('hunt') ?? query.get('scan')?.split('.')[0];
  if (named !== undefined) return named;
  /** @type {{ hunts: import('@hunt/sdk').HuntListing[] }} */
  const { hunts } = await call('GET', '/v1/hunts');
  if (hunts.length === 1) return hunts[0]?.hunt;
  const open = hunts.filter(({ closesAt }) => new Date(closesAt).getTime() > serverNow());
  byId('hunt-list').replaceChildren(
    ...open.map(({ hunt, title, opensAt }) =>
      element(
        'li',
        { className: 'card' },
        element('a', { href: `${page}?hunt=${encodeURIComponent(hunt)}` }, title),
        element('p', { className: 'quiet' }, opening(opensAt)),
      ),
    ),
  );
  if (open.length === 0) byId('hunts-heading').textContent = 'There is no hunt at the moment';
  byId('hunts').hidden = false;
  return undefined;
}

/** @param {string} opensAt */
function opening(opensAt) {
  const time = new Date(opensAt);
  return time.getTime() <= serverNow() ? 'Open now' : `Opens ${time.toLocaleString()}`;
}
