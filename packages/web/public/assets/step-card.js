// @ts-check
import { whereAmI } from './device.js';
import { element, say } from './element.js';
import { readCodeOfStep } from './scan-code.js';
import { canAskForCamera, closeScanner, scanWithCamera } from './scanner.js';
import { duration, secondsUntil, serverNow } from './server-time.js';
import { outcomeWords, points, problemWords } from './words.js';

/**
 * One step: made once and kept up to date, so that what is being typed stays.
 * @param {import('@hunt/sdk').Hunt} hunt
 * @param {import('@hunt/sdk').HuntStep} step
 * @param {(command: object) => Promise<Record<string, any>>} send
 */
export function stepCard(hunt, step, send) {
  const number = hunt.steps.indexOf(step) + 1;
  const state = element('span', { className: 'state' });
  const said = element('p', { className: 'said', hidden: true });
  said.setAttribute('role', 'status');
  const hints = element('ul', { className: 'hints plain' });
  const button = element('button', { type: step.kind === 'place' ? 'button' : 'submit' });
  const camera = element('button', { type: 'button', className: 'camera' }, 'Scan with the camera');
  const input = element('input', { autocomplete: 'off', maxLength: 500, required: true });
  input.setAttribute('autocapitalize', 'off');
  input.spellcheck = false;
  const work = element('form', { className: 'work' });
  const clue = element('p', { className: 'clue' }, step.clue);
  const body = element('div', {}, clue, hints, work, said);
  const card = element(
    'li',
    { className: 'card step', id: `step-${step.id}` },
    element(
      'h3',
      {},
      element('span', { className: 'name' }, `${number}. ${step.title}`),
      element('span', { className: 'worth' }, points(step.points)),
      state,
    ),
    body,
  );
  let busy = false;
  let scanning = false;
  let coolDownUntil = 0;
  let locked = false;

  const label = { answer: 'Answer', scan: 'Check code', place: 'I am here' }[step.kind];
  if (step.kind === 'place') {
    button.onclick = () =>
      act(async () => send({ type: 'check-in', step: step.id, ...(await whereAmI()) }));
    work.append(button);
  } else {
    const text = element(
      'label',
      {},
      step.kind === 'scan' ? 'Code on the poster' : 'Your answer',
      input,
    );
    if (step.kind === 'scan' && canAskForCamera) {
      camera.onclick = useCamera;
      button.className = 'second';
      work.append(camera);
    }
    work.append(text, button);
    work.onsubmit = async (event) => {
      event.preventDefault();
      if (step.kind === 'scan') return check(input.value);
      await act(() => send({ type: 'submit-answer', step: step.id, answer: input.value }));
      input.select();
    };
  }

  async function useCamera() {
    scanning = true;
    try {
      const code = await scanWithCamera((text) => readCodeOfStep(hunt, step, text));
      scanning = false;
      if (code !== undefined) await scan(code);
    } catch (error) {
      scanning = false;
      tellProblem(error);
      input.focus();
      said.scrollIntoView({ block: 'nearest' });
    }
  }

  /** @param {string} text */
  async function check(text) {
    const read = readCodeOfStep(hunt, step, text);
    if ('code' in read) await scan(read.code);
    else tellProblem(new Error(read.problem));
  }

  /** @param {string} code */
  function scan(code) {
    return act(() => send({ type: 'scan-code', step: step.id, code }));
  }

  /** @param {() => Promise<Record<string, any>>} command */
  async function act(command) {
    if (busy) return;
    busy = true;
    tick();
    try {
      const result = await command();
      if (result['outcome'] === 'wrong') {
        coolDownUntil = serverNow() + (result['coolDownSeconds'] ?? 0) * 1_000;
      }
      say(said, outcomeWords(result));
      said.dataset['outcome'] = result['outcome'];
    } catch (error) {
      tellProblem(error);
    } finally {
      busy = false;
      tick();
    }
  }

  /** @param {unknown} error an `Error` of ours is in plain words already */
  function tellProblem(error) {
    const own = error instanceof Error && error.constructor === Error;
    say(said, own ? error.message : problemWords(error));
    said.dataset['outcome'] = 'problem';
  }

  function tick() {
    const wait = secondsUntil(coolDownUntil);
    button.disabled = busy || wait > 0;
    camera.disabled = button.disabled;
    button.textContent = busy ? 'One moment…' : wait > 0 ? `Wait ${duration(wait)}` : label;
    if (!locked) card.classList.toggle('cooling', wait > 0);
  }

  /** @param {import('@hunt/sdk').StepProgress} progress */
  function update(progress) {
    locked = !progress.open && !progress.solved;
    coolDownUntil = progress.coolDownUntil;
    card.classList.toggle('locked', locked);
    card.classList.toggle('solved', progress.solved);
    state.textContent = progress.solved ? 'Solved' : locked ? 'Locked' : 'Open';
    clue.hidden = locked || step.clue === '';
    work.hidden = locked || progress.solved;
    if (work.hidden && scanning) closeScanner();
    const taken = new Map(progress.hints.map(({ hint, text }) => [hint, text]));
    hints.replaceChildren(
      ...(locked
        ? []
        : step.hints.flatMap(({ cost }, index) =>
            hintItem(index + 1, cost, taken, progress.solved),
          )),
    );
    tick();
  }

  /**
   * @param {number} hint
   * @param {number} cost
   * @param {Map<number, string>} taken
   * @param {boolean} solved
   */
  function hintItem(hint, cost, taken, solved) {
    const text = taken.get(hint);
    if (text !== undefined)
      return [element('li', {}, element('strong', {}, `Hint ${hint}: `), text)];
    if (solved) return [];
    const price = cost === 0 ? 'free' : `costs ${points(cost)}`;
    const take = element(
      'button',
      { type: 'button', className: 'second' },
      `Hint ${hint} (${price})`,
    );
    take.onclick = () => {
      if (cost > 0 && !confirm(`This hint ${price}. Take it?`)) return;
      void act(() => send({ type: 'take-hint', step: step.id, hint }));
    };
    return [element('li', {}, take)];
  }

  return { card, update, tick, scan };
}
