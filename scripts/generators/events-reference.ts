import { commandType, eventType, messageType, outcome, refusalIdOf } from '@hunt/rules';
import { commandWords, eventWords, type Fields, messageWords } from '@hunt/rules/vocabulary';
import type { Generator } from './generator.ts';

const introduction = `# Reference: commands and events

What stands in the log of a hunt. A **command** is what somebody asks for. A **message** is what one partition asks of another, a **timer** what it asks of itself later. What came of each is an outcome and **events**; only events change the state. How records lie in the log, and the platform's own events, is in [log-format.md](log-format.md); how \`hunt export\` writes events is in [cli-reference.md](cli-reference.md#hunt-export).

All have the same first 32 bytes: hunt, team and player (u64 each, opaque ids; 0 for nobody), then \`item\` (u16), \`detail\` (u16) and \`value\` (i32). Some have more behind them. Numbers are little-endian. A field that is not named below is 0. Steps, treasures and hints are counted from 0, in the order of the hunt file.

A team's partition decides what teams do, a player's who joins which team, a treasure's who gets one of its stock. They may be one and the same. Numbers are never used for something else, and what an event of a version means never changes.`;

/** The page of all types that the log of a hunt has. */
export const eventsReference: Generator = {
  name: 'events reference',
  generate: async () => {
    const parts = [
      introduction,
      '## Commands',
      'Appended by gateways: for players, for organisers, and for who records a contest.',
      ...Object.entries(commandWords).map(([name, words]) =>
        entryText(name, commandType[name as keyof typeof commandType], sentence(words.asks), [
          `Decided by ${sideText(words.decidedBy)}.`,
          ...fieldTexts(words),
        ]),
      ),
      '## Messages and timers',
      'A message leaves with the event record that caused it, and is decided once, in the order sent. Between a team and a treasure of the same partition it is decided within the same record.',
      ...Object.entries(messageWords).map(([name, words]) =>
        entryText(name, messageType[name as keyof typeof messageType], sentence(words.asks), [
          words.sentBy === 'timer'
            ? `A timer of ${sideText(words.decidedBy)}.`
            : `From ${sideText(words.sentBy)} to ${sideText(words.decidedBy)}.`,
          ...fieldTexts(words),
        ]),
      ),
      '## Events',
      'All are of version 1.',
      ...Object.entries(eventWords).map(([name, words]) =>
        entryText(name, eventType[name as keyof typeof eventType], sentence(words.says), [
          `Decided by ${sideText(words.decidedBy)}, for ${words.causes.map((cause) => `\`${cause}\``).join(', ')}.`,
          ...fieldTexts(words),
        ]),
      ),
      '## Outcomes',
      'What a player is told, and what `detail` means where it is an outcome. Below 0x200 the command had its effect; from there on a rule refused it, and the link leads to the error that the API answers.',
      outcomeList(),
      'Generated from `packages/rules/src/fold` by `npm run docs`; a test holds it against a hunt with every kind of event.',
    ];
    return new Map([['docs/events.md', `${parts.join('\n\n')}\n`]]);
  },
};

function entryText(name: string, number: number, says: string, facts: readonly string[]): string {
  return `### ${name}\n\n**${hexadecimal(number)}** ${says} ${facts.join(' ')}`;
}

function fieldTexts({ item, detail, value, extra }: Fields): string[] {
  const fields = Object.entries({ item, detail, value })
    .filter(([, holds]) => holds !== undefined)
    .map(([field, holds]) => `\`${field}\` is the ${holds}`);
  const texts = fields.length === 0 ? [] : [`${fields.join('; ')}.`];
  if (extra === undefined) return texts;
  const { bytes, holds } = extra;
  return [...texts, `Behind it ${typeof bytes === 'number' ? `${bytes} bytes` : bytes}: ${holds}.`];
}

function sideText(side: string): string {
  return side === 'every' ? 'every partition' : `the ${side}'s partition`;
}

function sentence(text: string): string {
  const first = text[0]!.toUpperCase() + text.slice(1);
  return /[.?]$/.test(first) ? first : `${first}.`;
}

function outcomeList(): string {
  return Object.entries(outcome)
    .map(([name, code]) => {
      const error = refusalIdOf(code);
      const link = error === undefined ? '' : `: [${error}](errors/${error}.md)`;
      return `- ${hexadecimal(code)} \`${name}\`${link}`;
    })
    .join('\n');
}

function hexadecimal(number: number): string {
  return `0x${number.toString(16)}`;
}
