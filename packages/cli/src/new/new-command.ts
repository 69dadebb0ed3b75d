import assert from 'node:assert/strict';
import { defineCommand } from '../arguments/command.ts';
import { textFlag } from '../arguments/flag.ts';
import { exitCode } from '../exit-code.ts';
import { createText, readText } from '../terminal/files.ts';
import { huntTemplate } from './hunt-template.ts';

const dayMs = 86_400_000;

export const newCommand = defineCommand({
  name: 'new',
  summary: 'Writes a new hunt file: a small one to change, or one for a recorded contest',
  flags: {
    fromTrace: textFlag('FILE', 'A recorded contest (CSV): one step per problem.'),
    id: textFlag('ID', 'Id of the hunt: small letters, digits, hyphens. Default: from --out.'),
    title: textFlag('TEXT', 'Title of the hunt.'),
    out: textFlag('FILE', 'Where to write it; never over another file. Default: the output.'),
  },
  async run({ flags, terminal }) {
    const { compileHunt, huntFromTrace, isSlug } = await import('@hunt/rules/definition');
    if (flags.id !== undefined && !isSlug(flags.id)) {
      throw await invalidFlag('--id', flags.id, '1 to 64 small letters, digits and hyphens');
    }
    if (flags.title !== undefined) await checkTitle(flags.title);
    const id = flags.id ?? (flags.out && idFrom(flags.out));
    const text =
      flags.fromTrace === undefined
        ? sample(id, flags.title)
        : huntFromTrace(readText(flags.fromTrace), {
            ...(id && { id }),
            ...(flags.title && { title: flags.title }),
          });
    const { problems } = compileHunt(text, flags.out ?? 'hunt');
    assert(problems.length === 0, 'what it writes compiles');
    if (flags.out === undefined) terminal.out(text);
    else {
      createText(flags.out, text);
      terminal.err(`Wrote ${flags.out}. Check changes with: hunt check ${flags.out}\n`);
    }
    return exitCode.ok;
  },
});

/** Opens today and stays open for 30 days, so that it can be tried at once. */
function sample(id = 'my-hunt', title = 'My hunt'): string {
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const [opens, closes] = [today, today + 30 * dayMs].map((ms) =>
    new Date(ms).toISOString().replace('.000', ''),
  );
  return huntTemplate({ id, title, opens: opens!, closes: closes! });
}

/** The file's name as an id; undefined when nothing of it can stand in one. */
function idFrom(file: string): string | undefined {
  const name = file
    .replace(/^.*[\\/]/, '')
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64);
  return name === '' ? undefined : name;
}

async function checkTitle(title: string): Promise<void> {
  const { huntLimits } = await import('@hunt/rules');
  const most = huntLimits.titleLength;
  if (title.trim() !== '' && title.length <= most && !/\p{Cc}|\p{Cs}/u.test(title)) return;
  throw await invalidFlag('--title', title, `1 to ${most} printable characters`);
}

async function invalidFlag(flag: string, found: string, expected: string): Promise<Error> {
  const { cliErrors } = await import('../errors.ts');
  const details = { flag, expected, found: found.slice(0, 100) };
  return cliErrors.create('cli-flag-value-invalid', details);
}
