import assert from 'node:assert/strict';
import { test } from 'node:test';
import { posterPage } from './poster-page.ts';

const poster = {
  step: 'lantern',
  title: 'The green lantern',
  code: 'city-lights.lantern.AAAAAAAAAAAAAAAAAAAAAA',
  image: '<svg></svg>',
};
const hunt = { title: 'City Lights', link: undefined };
const link = new URL('https://hunt.example/');

const count = (page: string, pattern: string) => page.match(new RegExp(pattern, 'g'))?.length ?? 0;

test('the page needs nothing from elsewhere, runs nothing, and every element that opens closes', () => {
  const page = posterPage(hunt, [poster, { ...poster, step: 'bridge' }]);
  assert.doesNotMatch(page, /<(script|link|img|iframe|form|a)\b|url\(|@import|src=|href=| on\w+=/);
  assert.ok(!page.includes('http') && !/undefined|\[object/.test(page));
  for (const element of ['header', 'main', 'article', 'svg', 'h1', 'h2', 'p', 'code', 'bdi']) {
    const opened = count(page, `<${element}[ >]`);
    assert.ok(opened > 0 && opened === count(page, `</${element}>`), element);
  }
});

test('a poster says hunt, step, what to do and the code in letters', () => {
  const alone = posterPage(hunt, [poster]);
  assert.equal(count(alone, '<article'), 1);
  assert.match(alone, /It is one page/);
  assert.match(
    alone,
    /City Lights<\/p>\n<h2 dir="auto">The green lantern<\/h2>\n<svg><\/svg>\n<p>Open the hunt on your telephone, press “Scan with the camera” at this step/,
  );
  assert.match(
    alone,
    /No camera\? Type this at the step, capital and small letters as they are, without spaces:/,
  );
  assert.match(alone, /<code [^>]*>(<span>[\w-]+\.?<\/span>){3}<\/code>/);
  assert.ok(alone.replace(/<\/?span>/g, '').includes(`>${poster.code}</code>`));
  const both = posterPage({ ...hunt, link }, [poster, poster]);
  assert.equal(count(both, '<article'), 2);
  assert.match(both, /Each of the 2 is a page/);
  assert.equal(count(both, 'Point your telephone’s camera at the code and open the link'), 2);
  assert.match(both, /Go to <span dir="ltr">https:\/\/hunt\.example\/<\/span> and type this/);
  assert.ok(!both.includes('Scan with the camera'));
});

test('titles are text, not markup, and each is written in its own direction', () => {
  const evil = `</title></style><script>alert('"&')</script>`;
  const hostile = new URL('https://hunt.example/?a=<b>\'"#&<i>');
  const page = posterPage({ title: evil, link: hostile }, [{ ...poster, title: evil }]);
  assert.doesNotMatch(page, /<(script|b|i)\b/);
  assert.equal(count(page, '</title>'), 1);
  assert.equal(count(page, '</style>'), 1);
  assert.equal(count(page, '&#60;script&#62;'), 4);
  assert.ok(page.includes('/?a=%3Cb%3E%27%22#&#38;%3Ci%3E<'), 'the link, too');
  assert.doesNotMatch(page, /'"|"'/);
  const hebrew = posterPage({ ...hunt, title: 'ציד האוצר' }, [{ ...poster, title: 'الفانوس' }]);
  assert.match(hebrew, /<h1>Posters: <bdi>ציד האוצר<\/bdi><\/h1>/);
  assert.match(hebrew, /<p class="hunt" dir="auto">ציד האוצר<\/p>\n<h2 dir="auto">الفانوس<\/h2>/);
  assert.match(hebrew, /<code dir="ltr" translate="no">/);
});

test('what takes much room is set smaller', () => {
  const long = 'A title that goes on and on, for more than sixty characters, and then ends.';
  const address = new URL(`https://hunt.example/${'a'.repeat(60)}`);
  const crowded = [
    posterPage({ ...hunt, title: long }, [poster]),
    posterPage(hunt, [{ ...poster, title: long }]),
    posterPage(hunt, [{ ...poster, code: 'a'.repeat(81) }]),
    posterPage({ ...hunt, link: address }, [poster]),
  ];
  assert.deepEqual(
    crowded.map((page) => count(page, '<article class="crowded poster">')),
    [1, 1, 1, 1],
  );
  assert.equal(count(posterPage({ ...hunt, link }, [poster]), '<article class="poster">'), 1);
});
