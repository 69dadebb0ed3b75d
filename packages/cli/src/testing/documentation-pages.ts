import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const documentationRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** Folders whose pages are documentation, besides the root's own. */
const folders = ['docs', 'packages', 'deploy', 'load', 'bench', 'chaos', 'services', 'hunts'];

/** Every Markdown page of the repository: text by path relative to the root, with forward slashes. */
export function documentationPages(): Map<string, string> {
  const pages = new Map<string, string>();
  const add = (file: string) =>
    pages.set(
      file.replaceAll(path.sep, '/'),
      readFileSync(path.join(documentationRoot, file), 'utf8'),
    );
  for (const name of readdirSync(documentationRoot)) if (name.endsWith('.md')) add(name);
  for (const folder of folders) markdownIn(folder).forEach(add);
  return pages;
}

function markdownIn(folder: string): string[] {
  return readdirSync(path.join(documentationRoot, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return markdownIn(file);
      return entry.isFile() && entry.name.endsWith('.md') ? [file] : [];
    });
}

/** A page without its code blocks, in which nothing is a link or a heading. */
export function withoutCode(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, '');
}
