// Every relative link of every page leads to a file, every anchor to a heading of it, and whoever begins
// at README.md can get to every page.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  documentationPages,
  documentationRoot,
  withoutCode,
} from './testing/documentation-pages.ts';

interface Link {
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  readonly anchor: string | undefined;
}

/** Links that lead nowhere outside of the repository. */
function linksOf(file: string, text: string): Link[] {
  const prose = withoutCode(text).replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [target, anchor] = link.split('#') as [string, string | undefined];
      const folder = path.posix.dirname(file);
      return { file: target === '' ? file : path.posix.join(folder, target), anchor };
    });
}

/** The names by which headings of a page are linked, as GitHub and others make them. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, title] of withoutCode(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const base = title!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = base;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${base}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

const pages = documentationPages();

test('every link leads to a file, and every anchor to a heading', () => {
  let links = 0;
  for (const [page, text] of pages) {
    for (const { file, anchor } of linksOf(page, text)) {
      links += 1;
      assert.ok(existsSync(path.join(documentationRoot, file)), `${page}: ${file}`);
      if (anchor === undefined) continue;
      const target = pages.get(file);
      assert.ok(target !== undefined, `${page}: ${file}#${anchor} is no page`);
      assert.ok(anchorsOf(target).has(anchor), `${page}: ${file} has no heading #${anchor}`);
    }
  }
  assert.ok(links > 500, 'links are found');
});

test('every page can be reached from README.md, and from docs/README.md', () => {
  for (const start of ['README.md', 'docs/README.md']) {
    const reached = new Set([start]);
    for (const page of reached) {
      for (const { file } of linksOf(page, pages.get(page)!)) {
        // A link to a folder shows its README.
        for (const target of [file, path.posix.join(file, 'README.md')]) {
          if (pages.has(target)) reached.add(target);
        }
      }
    }
    assert.deepEqual(
      [...pages.keys()].filter((page) => !reached.has(page)),
      [],
    );
  }
});

test('links, anchors and code are told apart', () => {
  const page =
    '# A `b` c!\n\n## A b c\n\n[x](../y.md#a-b-c) `[n](o.md)` [z](https://z)\n```sh\n[q](r)\n```\n';
  assert.deepEqual(linksOf('docs/x/p.md', page), [{ file: 'docs/y.md', anchor: 'a-b-c' }]);
  assert.deepEqual([...anchorsOf(page)], ['a-b-c', 'a-b-c-1']);
});
