// @ts-check
import { call, huntPath } from './api.js';
import { chooseHunt } from './choose-hunt.js';
import { byId, element, say } from './element.js';
import { follow } from './live.js';
import { duration, setServerTime } from './server-time.js';
import { points, problemWords } from './words.js';

/** @typedef {import('@hunt/sdk').StandingRow} StandingRow */

const shownMax = 50;
const pauseMs = 1_000;
/** How long an arrow tells of a changed rank. */
const arrowMs = 5_000;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

try {
  const id = await chooseHunt('/board');
  if (id !== undefined) await watch(id);
} catch (error) {
  say(byId('notice'), problemWords(error));
}

/** @param {string} id */
async function watch(id) {
  /** @type {import('@hunt/sdk').Hunt} */
  const hunt = await call('GET', huntPath(id));
  setServerTime(hunt.now);
  document.title = `${hunt.title} – live board`;
  byId('title').textContent = hunt.title;
  const byPenalty = hunt.ties === 'penalty';
  byId('tie-heading').textContent = byPenalty ? 'Penalty' : 'Last score';

  /** @type {Map<string, { row: HTMLTableRowElement, rank: number, climbed: number, at: number }>} */
  let rows = new Map();
  let wanted = false;
  let reading = false;

  /** Reads the standings, at most once a second however many events come. */
  async function refresh() {
    wanted = true;
    if (reading) return;
    reading = true;
    while (wanted) {
      wanted = false;
      try {
        const page = await call('GET', huntPath(id, `/standings?from=0&limit=${shownMax}`));
        say(byId('notice'), '');
        show(page);
      } catch (error) {
        say(byId('notice'), problemWords(error));
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    reading = false;
  }

  /** @param {import('@hunt/sdk').StandingsPage} page */
  function show({ standings, total, staleSince }) {
    const before = new Map(
      [...rows].map(([team, { row }]) => [team, row.getBoundingClientRect().top]),
    );
    const next = new Map(standings.map((standing) => [standing.team, rowOf(standing)]));
    byId('rows').replaceChildren(...[...next.values()].map(({ row }) => row));
    rows = next;
    byId('standings').hidden = total === 0;
    byId('total').textContent =
      total === 0
        ? 'No team yet.'
        : total > shownMax
          ? `The first ${shownMax} of ${total} teams`
          : '';
    say(byId('stale'), staleSince ? `As of ${new Date(staleSince).toLocaleTimeString()}` : '');
    const [first] = standings;
    if (first !== undefined)
      say(byId('leader'), `${first.name} leads with ${points(first.points)}.`);
    if (!calm.matches) for (const [team, { row }] of rows) slide(row, before.get(team));
  }

  /** @param {StandingRow} standing */
  function rowOf(standing) {
    const known = rows.get(standing.team);
    const row = known?.row ?? element('tr', {});
    const now = performance.now();
    const change = (known?.rank ?? standing.rank) - standing.rank;
    const at = change === 0 ? (known?.at ?? 0) : now;
    const climbed = change !== 0 ? change : now - at < arrowMs ? (known?.climbed ?? 0) : 0;
    const solved = `${standing.solved}/${hunt.steps.length}`;
    row.replaceChildren(
      element('td', { className: 'rank' }, String(standing.rank), moved(climbed)),
      element('td', { className: 'team' }, standing.name),
      element('td', { className: 'number' }, solved),
      element('td', { className: 'number' }, byPenalty ? penalty(standing) : lastScore(standing)),
      element('td', { className: 'number points' }, String(standing.points)),
    );
    return { row, rank: standing.rank, climbed, at };
  }

  void refresh();
  follow(id, undefined, { onOpen: () => void refresh(), onEvent: () => void refresh() });
}

/** @param {number} climbed */
function moved(climbed) {
  if (climbed === 0) return '';
  const arrow = element('span', { className: climbed > 0 ? 'up' : 'down' });
  arrow.textContent = `${climbed > 0 ? '▲' : '▼'}${Math.abs(climbed)}`;
  arrow.setAttribute('aria-label', `${climbed > 0 ? 'up' : 'down'} ${Math.abs(climbed)}`);
  arrow.setAttribute('role', 'img');
  return arrow;
}

/** @param {StandingRow} standing */
function penalty({ penaltySeconds }) {
  return penaltySeconds === 0 ? '–' : duration(penaltySeconds);
}

/** @param {StandingRow} standing */
function lastScore({ lastScoreAt }) {
  return lastScoreAt ? new Date(lastScoreAt).toLocaleTimeString() : '–';
}

/**
 * Lets a row glide from where it was.
 * @param {HTMLElement} row
 * @param {number | undefined} topBefore
 */
function slide(row, topBefore) {
  const distance = topBefore === undefined ? 0 : topBefore - row.getBoundingClientRect().top;
  if (topBefore === undefined) row.animate([{ opacity: 0 }, { opacity: 1 }], 400);
  else if (distance !== 0) {
    const from = { transform: `translateY(${distance}px)` };
    row.animate([from, { transform: 'none' }], { duration: 700, easing: 'ease-in-out' });
  }
}
