import type { Retry } from 'veltrix';
import { loadRegisteredErrors, type RegisteredError } from './error-registries.ts';
import type { Generator } from './generator.ts';

const folder = 'docs/errors';

const retryMeaning: Readonly<Record<Retry, string>> = {
  'same-id': 'At once, with the same command id: it acts only once, however often it is sent.',
  later:
    'After a while; wait as `Retry-After` says where it is given. A command that was decided (the answer names its `commandId`) keeps its outcome, so send a new one with a new id; otherwise send the same again with the same id.',
  never: 'No. The same request gives the same answer until what caused it has changed.',
};

/** A page for every error id, and the list of them. */
export const errorPages: Generator = {
  name: 'error pages',
  ownedFolder: folder,
  async generate() {
    const errors = await loadRegisteredErrors();
    const pages = new Map(errors.map((error) => [`${folder}/${error.id}.md`, errorPage(error)]));
    return pages.set(`${folder}/README.md`, errorList(errors));
  },
};

/** The page of one error, as Markdown. */
export function errorPage({ id, definition, source }: RegisteredError): string {
  const { message, cause, remedy, retry, settings = [], retired } = definition;
  const sections = [`# ${id}`];
  if (retired) sections.push('Retired: no release raises it any more. The id is never used again.');
  sections.push(`> ${asText(message)}`);
  sections.push(`**Cause.** ${asText(cause)}`, `**Remedy.** ${asText(remedy)}`);
  sections.push(`**Try again?** ${retryMeaning[retry]} (\`${retry}\`)`);
  if (settings.length > 0) {
    sections.push(`**Settings.** ${settings.map((setting) => `\`${setting}\``).join(', ')}`);
  }
  sections.push(generatedFrom(source));
  return `${sections.join('\n\n')}\n`;
}

/** The table of all errors, a part for each registry. */
export function errorList(errors: readonly RegisteredError[]): string {
  const sections = [
    '# Errors',
    'Every error has an id that never changes and is never used for anything else. ' +
      'Messages show values in place of the names in braces.',
  ];
  for (const source of [...new Set(errors.map((error) => error.source))].sort()) {
    const rows = errors
      .filter((error) => error.source === source)
      .map(({ id, definition: { message, retry, retired } }) => {
        const note = retired ? ' (retired)' : '';
        return `| [${id}](${id}.md)${note} | ${asText(message).replaceAll('|', '\\|')} | ${retry} |`;
      });
    sections.push(
      titleOf(source),
      ['| id | message | retry |', '|---|---|---|', ...rows].join('\n'),
    );
  }
  sections.push(generatedFrom('packages/*/src/**/errors.ts'));
  return `${sections.join('\n\n')}\n`;
}

/** The package, and the part of it that has the registry. */
function titleOf(source: string): string {
  const [name, , ...inside] = source.replace(/^packages\//, '').split('/');
  return `## ${[name, ...inside.slice(0, -1)].join(', ')}`;
}

/** Keeps `<` and `*` of a message from being read as markup. */
function asText(text: string): string {
  return text.replace(/[<*_]/g, '\\$&');
}

function generatedFrom(source: string): string {
  return `Generated from \`${source}\` by \`npm run docs\`.`;
}
