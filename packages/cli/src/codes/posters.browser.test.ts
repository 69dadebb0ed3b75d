// What an organiser prints: the file that `hunt codes --posters` writes, on screens and on paper, in a real Chromium.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { breaches, chromiumArguments, chromiumPath } from '@hunt/web/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { makePosters } from './make-posters.ts';

const executablePath = chromiumPath();
const skip = executablePath === undefined ? 'needs: chromium' : false;

const signature = 'Il1O0o-_8B5S2ZrnmAAAAA';
/** Of a hunt with short titles, in three scripts. */
const short = {
  hunt: 'city-lights',
  title: 'City Lights',
  codes: ['The green lantern', 'גשר המנעולים (2)', '灯台の下'].map((title, number) => {
    const step = `step-${number}`;
    return { step, title, code: `city-lights.${step}.${signature}` };
  }),
};
/** As long as texts may be that are not set smaller. */
const full = {
  hunt: 'h'.repeat(20),
  title: 'W'.repeat(60),
  codes: [1, 2].map((number) => {
    const step = `${'s'.repeat(34)}-${number}`;
    return { step, title: 'W'.repeat(60), code: `${'h'.repeat(20)}.${step}.${signature}` };
  }),
};
/** Titles and ids as long as a hunt may have them: in words, in one word of wide letters, and in a script without spaces. */
const [longHunt, longStep] = ['h'.repeat(64), 's'.repeat(61)];
const long = {
  hunt: longHunt,
  title: 'W'.repeat(200),
  codes: ['Every word of this counts. '.repeat(7), 'W'.repeat(200), '灯'.repeat(200)].map(
    (title, number) => {
      const step = `${longStep}-${number}`;
      return { step, title, code: `${longHunt}.${step}.${signature}` };
    },
  ),
};
const hunts = [
  { name: 'short', ...short, link: undefined },
  { name: 'full', ...full, link: new URL(`https://hunt.example/${'a'.repeat(39)}`) },
  { name: 'long', ...long, link: new URL(`https://hunt.example/${'a'.repeat(170)}`) },
];
/** What is left within the margins, in CSS pixels. */
const papers = {
  A4: { width: 702, height: 1031 },
  Letter: { width: 725, height: 965 },
  // Has room for two posters of short titles.
  A3: { width: 1032, height: 1496 },
};

let directory: string;
let browser: Browser;

before(async () => {
  if (executablePath === undefined) return;
  directory = mkdtempSync(path.join(tmpdir(), 'hunt-posters-'));
  for (const { name, link, ...hunt } of hunts) {
    makePosters({ posters: path.join(directory, `${name}.html`), svg: undefined, link }, hunt);
  }
  browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
});

after(async () => {
  await browser?.close();
  if (directory) rmSync(directory, { recursive: true });
});

async function open(name: string, options: Parameters<Browser['newPage']>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  await page.goto(pathToFileURL(path.join(directory, `${name}.html`)).href);
  return page;
}

/** What reaches beyond its poster to the left or right. */
const cutOff = (page: Page) =>
  page.evaluate<string[]>(`[...document.querySelectorAll('article *')].flatMap((element) => {
    const [own, poster] = [element, element.closest('article')].map((one) => one.getBoundingClientRect());
    return own.left < poster.left || own.right > poster.right ? [element.outerHTML] : [];
  })`);

test('a code that takes two lines ends the first behind a dot', { skip }, async () => {
  const page = await open('short', { viewport: { width: 320, height: 600 } });
  const code = page.getByRole('article').first().getByRole('code');
  const copied = await page.evaluate(`{
    getSelection().selectAllChildren(document.querySelector('code'));
    getSelection().toString();
  }`);
  assert.equal(copied, short.codes[0]!.code);
  const [hunt, step, end] = await Promise.all(
    (await code.locator('span').all()).map((part) => part.boundingBox()),
  );
  assert.ok(hunt!.y === step!.y && step!.y < end!.y);
  assert.ok(hunt!.height === end!.height, 'the end has a line to itself');
  await page.close();
});

for (const { name, codes } of hunts) {
  for (const [format, viewport] of Object.entries(papers)) {
    test(`${name} posters have a page of ${format} each, with nothing cut off`, {
      skip,
    }, async () => {
      const page = await open(name, { viewport });
      const pdf = (await page.pdf({ format })).toString('latin1');
      assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, codes.length);
      await page.emulateMedia({ media: 'print' });
      assert.deepEqual(await cutOff(page), []);
      assert.equal(await page.getByRole('heading', { level: 1 }).isVisible(), false);
      for (const poster of await page.getByRole('article').all()) {
        const box = await poster.boundingBox();
        assert.ok(box!.height <= viewport.height, `${box!.height} of ${viewport.height}`);
        const image = await poster.getByRole('img').boundingBox();
        // A hundred millimetres.
        assert.ok(image!.width >= 377 && image!.width === image!.height);
      }
      await page.close();
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${name} posters can be read by everybody on a narrow screen in ${colorScheme} colours`, {
      skip,
    }, async () => {
      const page = await open(name, { viewport: { width: 320, height: 600 }, colorScheme });
      assert.deepEqual(await breaches(page), []);
      assert.deepEqual(await cutOff(page), []);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
      const code = page.getByRole('article').first().getByRole('code');
      assert.equal(await code.textContent(), codes[0]!.code);
      await page.close();
    });
  }
}
