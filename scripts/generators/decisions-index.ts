import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../repository.ts';
import type { Generator } from './generator.ts';

const folder = 'docs/decisions';

/** The list of all decisions. */
export const decisionsIndex: Generator = {
  name: 'list of decisions',
  generate: async () => {
    const files = readdirSync(path.join(repositoryRoot, folder)).filter((name) =>
      /^\d{4}-.*\.md$/.test(name),
    );
    const lines = files.sort().map((file) => {
      const text = readFileSync(path.join(repositoryRoot, folder, file), 'utf8');
      const [, number, title] = /^# (\d+)\. (.*)$/m.exec(text) ?? [];
      if (title === undefined) throw new Error(`${folder}/${file} has no title with a number`);
      return `- ${number}: [${title}](${file})`;
    });
    const introduction =
      'Why things are as they are: each page says what was decided, what was rejected, what it costs, and by what one would see that it was wrong.';
    const content = `# Decisions\n\n${introduction}\n\n${lines.join('\n')}\n`;
    return new Map([[`${folder}/README.md`, content]]);
  },
};
