// @ts-check
import { element, say } from './element.js';
import { duration, secondsUntil, serverNow } from './server-time.js';
import { outcomeWords, problemWords } from './words.js';

/**
 * One treasure, to claim and, where a claim is only a reservation, to collect.
 * @param {import('@hunt/sdk').HuntTreasure} treasure
 * @param {(command: object) => Promise<Record<string, any>>} send
 */
export function treasureCard(treasure, send) {
  const state = element('span', { className: 'state' });
  const stock = element('p', { className: 'quiet' });
  const said = element('p', { className: 'said', hidden: true });
  said.setAttribute('role', 'status');
  const claim = element('button', { type: 'button' }, 'Claim');
  const collect = element('button', { type: 'button' });
  const work = element('div', { className: 'work' }, claim, collect);
  const card = element(
    'li',
    { className: 'card treasure', id: `treasure-${treasure.id}` },
    element('h3', {}, element('span', { className: 'name' }, treasure.title), state),
    stock,
    work,
    said,
  );
  /** By the server's clock; 0 when this page has not seen the reservation being made. */
  let reservedUntil = 0;
  claim.onclick = () => act({ type: 'claim-treasure', treasure: treasure.id });
  collect.onclick = () => act({ type: 'collect-treasure', treasure: treasure.id });

  /** @param {object} command */
  async function act(command) {
    claim.disabled = collect.disabled = true;
    try {
      settled(await send(command));
    } catch (error) {
      say(said, problemWords(error));
    } finally {
      claim.disabled = collect.disabled = false;
    }
  }

  /** @param {Record<string, any>} result of a command of this page, or of a member elsewhere */
  function settled(result) {
    const seconds = result['expiresInSeconds'];
    if (result['outcome'] === 'reserved' && seconds > 0)
      reservedUntil = serverNow() + seconds * 1_000;
    say(said, outcomeWords(result));
    tick();
  }

  function tick() {
    const left = secondsUntil(reservedUntil);
    collect.textContent = left > 0 ? `Collect within ${duration(left)}` : 'Collect';
  }

  /**
   * @param {import('@hunt/sdk').TreasureProgress} progress
   * @param {number} remaining
   */
  function update(progress, remaining) {
    const has = progress.held + progress.pending + progress.reserved;
    const soldOut = remaining === 0;
    state.textContent =
      progress.reserved > 0
        ? 'Reserved'
        : progress.pending > 0
          ? 'Asked for'
          : progress.held > 0
            ? 'Yours'
            : soldOut
              ? 'Gone'
              : progress.open
                ? 'Open'
                : 'Locked';
    card.classList.toggle('solved', progress.held > 0);
    card.classList.toggle('locked', (!progress.open || soldOut) && has === 0);
    const each = treasure.perTeam > 1 ? `, ${treasure.perTeam} for each team` : '';
    say(stock, `${remaining} of ${treasure.stock} left${each}`);
    claim.hidden = !progress.open || soldOut || has >= treasure.perTeam;
    collect.hidden = progress.reserved === 0;
    work.hidden = claim.hidden && collect.hidden;
    tick();
  }

  return { card, update, tick, settled };
}
