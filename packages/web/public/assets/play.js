// @ts-check
import { call, huntPath, Problem } from './api.js';
import { chooseHunt } from './choose-hunt.js';
import { byId, say } from './element.js';
import { askToJoin } from './join.js';
import { follow } from './live.js';
import { readScanCode } from './scan-code.js';
import { closeScanner } from './scanner.js';
import { duration, secondsUntil, serverNow, setServerTime } from './server-time.js';
import { savedPlayer, savePlayer } from './session.js';
import { stepCard } from './step-card.js';
import { treasureCard } from './treasure-card.js';
import { problemWords } from './words.js';

/** @typedef {import('@hunt/sdk').Hunt} Hunt */
/** @typedef {import('@hunt/sdk').JoinedPlayer} JoinedPlayer */

try {
  const id = await chooseHunt('/');
  if (id !== undefined) await open(id);
} catch (error) {
  say(byId('notice'), problemWords(error));
}

/** @param {string} id */
async function open(id) {
  const hunt = await readHunt(id);
  document.title = hunt.title;
  byId('title').textContent = hunt.title;
  for (;;) {
    let player = savedPlayer(id);
    if (player === undefined) {
      player = await askToJoin(hunt);
      savePlayer(id, player);
    }
    await play(hunt, player);
    savePlayer(id, undefined);
  }
}

/**
 * @param {string} id
 * @returns {Promise<Hunt>}
 */
async function readHunt(id) {
  const hunt = await call('GET', huntPath(id));
  setServerTime(hunt.now);
  return hunt;
}

/**
 * Shows the hunt until the player leaves or is no longer known.
 * @param {Hunt} hunt
 * @param {JoinedPlayer} player
 */
async function play(hunt, { token, team, joinCode }) {
  const steps = hunt.steps.map((step) => stepCard(hunt, step, send));
  const treasures = hunt.treasures.map((treasure) => treasureCard(treasure, send));
  let remaining = hunt.treasures.map((treasure) => treasure.remaining);
  byId('steps').replaceChildren(...steps.map(({ card }) => card));
  byId('treasures').replaceChildren(...treasures.map(({ card }) => card));
  byId('treasure-area').hidden = treasures.length === 0;
  byId('team-code').hidden = joinCode === undefined;
  byId('code').textContent = joinCode ?? '';
  byId('board-link').setAttribute('href', `/board?hunt=${encodeURIComponent(hunt.hunt)}`);
  const left = Promise.withResolvers();
  byId('leave').onclick = () => {
    if (confirm('This device forgets who you are. Leave?')) left.resolve(undefined);
  };

  let reading = false;
  let again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;

  /** Reads what the team has. While one reading runs, any number of wishes become one more. */
  async function refresh() {
    again = true;
    if (reading) return;
    reading = true;
    try {
      while (again) {
        again = false;
        show(await call('GET', huntPath(hunt.hunt, '/me'), { token }));
      }
      byId('play').hidden = false;
    } catch (error) {
      if (error instanceof Problem && (error.status === 401 || error.status === 403)) {
        say(byId('notice'), problemWords(error));
        left.resolve(undefined);
      } else say(byId('notice'), problemWords(error));
    } finally {
      reading = false;
    }
  }

  /** @param {import('@hunt/sdk').Progress} progress */
  function show(progress) {
    say(byId('notice'), '');
    byId('points').textContent = String(progress.points);
    byId('rank').textContent = progress.rank === undefined ? '–' : String(progress.rank);
    for (const [index, step] of progress.steps.entries()) steps[index]?.update(step);
    for (const [index, treasure] of progress.treasures.entries()) {
      treasures[index]?.update(treasure, remaining[index] ?? 0);
    }
  }

  /** Rank and stock change with every other team: a whole crowd reads them seldom and not at once. */
  function refreshLater() {
    later ??= setTimeout(
      async () => {
        await readStock().catch(() => undefined);
        await refresh();
        later = undefined;
      },
      5_000 + Math.random() * 10_000,
    );
  }

  async function readStock() {
    if (treasures.length === 0) return;
    remaining = (await readHunt(hunt.hunt)).treasures.map((treasure) => treasure.remaining);
  }

  /** @param {{ type?: string } & object} command */
  async function send(command) {
    say(byId('link-notice'), '');
    try {
      return await call('POST', huntPath(hunt.hunt, '/commands'), { token, body: command });
    } finally {
      if (command.type?.endsWith('-treasure')) await readStock().catch(() => undefined);
      void refresh();
    }
  }

  /** @param {Record<string, any>} event */
  async function onEvent(event) {
    if (event['event'] === 'standings') {
      const own = event['top']?.find((/** @type {any} */ row) => row.team === team);
      if (own === undefined) return refreshLater();
      byId('rank').textContent = String(own.rank);
      byId('points').textContent = String(own.points);
      return;
    }
    const index = hunt.treasures.findIndex(({ id }) => id === event['treasure']);
    if (index >= 0) {
      treasures[index]?.settled(event);
      await readStock().catch(() => undefined);
    }
    void refresh();
  }

  function tick() {
    const begins = new Date(hunt.opensAt).getTime();
    const ends = new Date(hunt.closesAt).getTime();
    const before = serverNow() < begins;
    const over = serverNow() >= ends;
    byId('window-label').textContent = before ? 'Opens in' : over ? 'Closed' : 'Closes in';
    byId('window').textContent = over ? '–' : duration(secondsUntil(before ? begins : ends));
    for (const { tick } of [...steps, ...treasures]) tick();
  }

  await refresh();
  tick();
  const ticking = setInterval(tick, 1_000);
  const unfollow = follow(hunt.hunt, token, { onOpen: () => void refresh(), onEvent });
  void scanFromAddress(steps, hunt);
  await left.promise;
  say(byId('link-notice'), '');
  unfollow();
  clearInterval(ticking);
  clearTimeout(later);
  closeScanner();
  byId('play').hidden = true;
}

/**
 * A poster's link brings its code along: it is used once and leaves the address. What is wrong with it stays in sight
 * until the player does something.
 * @param {ReturnType<typeof stepCard>[]} steps
 * @param {Hunt} hunt
 */
async function scanFromAddress(steps, hunt) {
  const code = new URLSearchParams(location.search).get('scan');
  if (code === null) return;
  history.replaceState(null, '', `/?hunt=${encodeURIComponent(hunt.hunt)}`);
  const read = readScanCode(hunt, code);
  if ('problem' in read) return say(byId('link-notice'), read.problem);
  const step = steps[hunt.steps.indexOf(read.step)];
  step?.card.scrollIntoView({ block: 'center' });
  await step?.scan(read.code);
}
