// What docs/events.md says of commands, messages and events is held against what the rules do in a
// hunt that has every kind of event: who causes what, and which fields carry something.
import assert from 'node:assert/strict';
import { before, describe, it, mock } from 'node:test';
import type { CommandView, Decision, EventView } from 'veltrix';
import { subject, subjectBytes } from '../subject/subject.ts';
import { playGoldenHunt } from '../testing/golden-hunt.ts';
import { commandType, eventType, messageType } from './codes.ts';
import { HuntFold } from './hunt-application.ts';
import { commandWords, eventWords, type Fields, messageWords } from './vocabulary.ts';

/** What the world of tests writes where a command names neither step nor treasure. */
const noItem = 0xffff;

interface Seen {
  readonly causes: Set<string>;
  readonly fields: Set<'item' | 'detail' | 'value'>;
  readonly extraBytes: Set<number>;
}

const nameOf = (numbers: Readonly<Record<string, number>>, number: number) =>
  Object.keys(numbers).find((name) => numbers[name] === number)!;
const asked = { ...commandWords, ...messageWords };
const seenEvents = new Map<string, Seen>();
const seenCommands = new Map<string, Seen>();

function look(seen: Map<string, Seen>, name: string, about: CommandView | EventView): Seen {
  const { view, payloadStart, payloadEnd } = about;
  const entry = seen.get(name) ?? { causes: new Set(), fields: new Set(), extraBytes: new Set() };
  seen.set(name, entry);
  for (const field of ['item', 'detail', 'value'] as const) {
    const value = subject[field](view, payloadStart);
    if (value !== 0 && value !== noItem) entry.fields.add(field);
  }
  entry.extraBytes.add(payloadEnd - payloadStart - subjectBytes);
  return entry;
}

describe('the vocabulary', () => {
  before(() => {
    const { decide, evolve } = HuntFold.prototype;
    let cause = '';
    mock.method(
      HuntFold.prototype,
      'decide',
      function (this: HuntFold, command: CommandView, decision: Decision) {
        cause = nameOf({ ...commandType, ...messageType }, command.type);
        look(seenCommands, cause, command);
        decide.call(this, command, decision);
      },
    );
    mock.method(HuntFold.prototype, 'evolve', function (this: HuntFold, event: EventView) {
      look(seenEvents, nameOf(eventType, event.type), event).causes.add(cause);
      return evolve.call(this, event);
    });
    const world = playGoldenHunt();
    world.send({ type: 'checkIn', team: 2, step: 'park', distance: 5, accuracy: 5, at: 2300 });
    world.send({ type: 'registerTeam', team: 3 });
    world.send({ type: 'submitAnswer', team: 3, step: 'gate', answer: 'open', at: 2310 });
    world.send({ type: 'scanCode', team: 3, step: 'tower', code: 'guess', at: 2320 });
    mock.restoreAll();
  });

  it('says of each event what causes it', () => {
    for (const [name, { causes }] of Object.entries(eventWords)) {
      assert.deepEqual([...seenEvents.get(name)!.causes].sort(), [...causes].sort(), name);
    }
  });

  for (const [kind, words, seen] of [
    ['event', eventWords, seenEvents],
    ['command', asked, seenCommands],
  ] as const) {
    it(`says of each ${kind} which fields it carries, and how much behind them`, () => {
      for (const [name, { fields, extraBytes }] of seen) {
        const said = words[name as keyof typeof words] as Fields;
        for (const field of fields) assert.ok(said[field] !== undefined, `${name} has ${field}`);
        const bytes = said.extra?.bytes ?? 0;
        if (typeof bytes === 'string') continue;
        assert.deepEqual([...extraBytes], [bytes], `${name} has more behind its subject`);
      }
      assert.deepEqual([...seen.keys()].sort(), Object.keys(words).sort());
    });
  }
});
