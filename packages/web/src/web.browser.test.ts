// The pages in a real browser, against a stand-in that gives the documented answers. Every test also
// fails on any error in the browser's console, so the content security policy is tested throughout.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { breaches } from './testing/accessibility.ts';
import { chromiumArguments, chromiumPath } from './testing/browser.ts';
import { problem, type StubHuntServer, scanCode } from './testing/stub-hunt-server.ts';
import { type HowToVisit, join, sees, step, visit } from './testing/visit.ts';

const executablePath = chromiumPath();
const skip = executablePath === undefined ? 'needs: chromium' : false;
let browser: Browser;

before(async () => {
  if (executablePath !== undefined) {
    browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  }
});
after(() => browser?.close());

function pageOn(context: TestContext, ...how: HowToVisit) {
  return visit(browser, context, ...how);
}

test('a player joins, waits after a wrong answer, takes a hint and solves the step', {
  skip,
}, async (t) => {
  const { page, server } = await pageOn(t);
  await join(page);
  await sees(page, 'How many lamps stand on the bridge?');
  await step(page, 'Poster').getByText('Locked').waitFor();
  const card = step(page, 'The old bridge');
  await card.getByLabel('Your answer').fill('13');
  await card.getByRole('button', { name: 'Answer' }).click();
  await sees(page, 'That is not it. Try again in 1 min.');
  assert.ok(await card.getByRole('button', { name: /^Wait \d+ s|1 min/ }).isDisabled());

  await card.getByRole('button', { name: 'Hint 1 (costs 3 points)' }).click();
  await sees(page, 'It is an even number.');

  server.progress.steps[0]!.coolDownUntil = 0;
  server.push({ event: 'team', cursor: '1' });
  await card.getByLabel('Your answer').fill('12');
  await card.getByRole('button', { name: 'Answer' }).click();
  await sees(page, 'Solved! 10 points.');
  await step(page, 'Poster').getByLabel('Code on the poster').waitFor();
  await card.getByLabel('Your answer').waitFor({ state: 'hidden' });
  assert.equal(await page.locator('#points').textContent(), '10');
  assert.equal(new Set(server.keys).size, 3);
});

test('a claim is reserved, counted down and collected', { skip }, async (t) => {
  const { page } = await pageOn(t);
  await join(page);
  const card = step(page, 'A brass lamp');
  await card.getByText('3 of 3 left').waitFor();
  await card.getByRole('button', { name: 'Claim' }).click();
  await card.getByRole('button', { name: /Collect within (5 min|4 min)/ }).click();
  await sees(page, 'Collected: number 1.');
  await card.getByText('2 of 3 left').waitFor();
  await card.getByText('Yours').waitFor();
});

test('a command whose answer is lost is sent again with the same key', { skip }, async (t) => {
  const { page, server } = await pageOn(t);
  await join(page);
  server.next.push('lost', problem(503, 'engine-overloaded', 'later'));
  await page.getByLabel('Your answer').fill('12');
  await page.getByRole('button', { name: 'Answer' }).click();
  await sees(page, 'Solved! 10 points.');
  assert.equal(server.keys.length, 3);
  assert.equal(new Set(server.keys).size, 1);
});

test('a hunt that does not exist is said at once', { skip }, async (t) => {
  for (const path of ['/?hunt=nope', '/board?hunt=nope']) {
    const { page } = await pageOn(t, path);
    await page.getByText('This hunt does not exist.', { exact: true }).waitFor();
  }
});

test('a refusal is told in plain words and not sent again', { skip }, async (t) => {
  const { page, server } = await pageOn(t);
  await join(page);
  server.next.push(
    problem(403, 'rules-hunt-closed', 'never', {
      detail: 'The hunt is over',
      commandId: 'ff',
      repeated: false,
    }),
  );
  await page.getByLabel('Your answer').fill('12');
  await page.getByRole('button', { name: 'Answer' }).click();
  await sees(page, 'The hunt is over.');
  assert.equal(server.commands.length, 1);
});

test("a poster's link joins first, then scans its code once", { skip }, async (t) => {
  const open = (server: StubHuntServer) => {
    server.progress.steps[1]!.open = true;
  };
  const { page, server } = await pageOn(t, `/?scan=${scanCode}`, {}, open);
  await join(page);
  await sees(page, 'Solved! 10 points.');
  assert.deepEqual(server.commands, [{ type: 'scan-code', step: 'poster', code: scanCode }]);
  assert.equal(new URL(page.url()).search, '?hunt=city-lights');
});

test("a poster's link of a step that is not there is told until the player does something", {
  skip,
}, async (t) => {
  const unknown = scanCode.replace('poster', 'cellar');
  const { page, server } = await pageOn(t, `/?scan=${unknown}`);
  await join(page);
  const told = page.getByText('This code does not belong to this hunt.');
  await told.waitFor();
  server.progress.points = 3;
  server.push({ event: 'hint-taken' });
  await page.locator('#points').getByText('3', { exact: true }).waitFor();
  assert.ok(await told.isVisible());
  await page.getByLabel('Your answer').fill('12');
  await page.getByRole('button', { name: 'Answer' }).click();
  await sees(page, 'Solved! 10 points.');
  assert.ok(!(await told.isVisible()));
  assert.equal(server.commands.length, 1);
});

test('a check-in sends where the device is', { skip }, async (t) => {
  const here = { latitude: 48.5, longitude: 9.25, accuracy: 11.5 };
  const { page, server } = await pageOn(
    t,
    '/',
    { geolocation: here, permissions: ['geolocation'] },
    (stub) => {
      stub.progress.steps[2]!.open = true;
    },
  );
  await join(page);
  await page.getByRole('button', { name: 'I am here' }).click();
  await sees(page, 'Solved! 10 points.');
  const { accuracy, ...position } = here;
  assert.deepEqual(server.commands, [
    { type: 'check-in', step: 'tower', ...position, accuracyMeters: Math.ceil(accuracy) },
  ]);
});

test('the player is remembered, and asked again once the token is refused', { skip }, async (t) => {
  const { page, server } = await pageOn(t);
  await join(page);
  await page.reload();
  await sees(page, 'How many lamps stand on the bridge?');
  server.progress = null as never;
  await page.evaluate('localStorage.setItem(\'hunt-player:city-lights\', \'{"token":"p1.old"}\')');
  await page.reload();
  await sees(page, 'Please join again.');
  await page.getByLabel('Your name').waitFor();
});

test('a team hunt asks for a team and shows its code', { skip }, async (t) => {
  const { page, server } = await pageOn(t, '/', {}, (stub) => {
    stub.hunt.teamSize = 4;
  });
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Name of the team').fill('Night Owls');
  server.next.push(
    problem(409, 'engine-team-name-taken', 'never', { detail: 'A team has this name already' }),
  );
  await page.getByRole('button', { name: 'Join' }).click();
  await sees(page, 'A team has this name already.');
  await page.getByLabel('Join a team by its code').check();
  await page.getByLabel('Code of the team').fill('abcd2345');
  await page.getByRole('button', { name: 'Join' }).click();
  await sees(page, 'ABCD2345');
});

test('a join without an answer is made again with its key, also by a reloaded page', {
  skip,
}, async (t) => {
  const { page, server } = await pageOn(t, '/', {}, (stub) => {
    stub.hunt.teamSize = 4;
  });
  server.next.push('lost', problem(504, 'engine-outcome-undecided', 'same-id'));
  server.next.push(problem(409, 'engine-team-name-taken', 'never', { detail: 'Taken' }));
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Name of the team').fill('Night Owls');
  await page.getByRole('button', { name: 'Join' }).click();
  await sees(page, 'Taken.');
  // Once it is refused, what follows is another join.
  server.next.push(problem(503, 'engine-not-ready', 'later', { retryAfterSeconds: 9 }));
  await page.getByLabel('Name of the team').fill('Owls');
  const late = page.waitForResponse((response) => response.status() === 503);
  await page.getByRole('button', { name: 'Join' }).click();
  await late;
  await page.reload();
  await sees(page, 'ABCD2345');
  // The browser itself may send a lost request again.
  const keys = server.joins.map(({ key }) => key);
  assert.ok(keys.length >= 5, `${keys}`);
  assert.equal(new Set(keys.slice(0, -2)).size, 1);
  assert.equal(keys.at(-1), keys.at(-2));
  assert.equal(new Set(keys).size, 2);
  assert.deepEqual(server.joins.at(-1)?.body, { name: 'Ada', team: { name: 'Owls' } });
  assert.equal(await page.evaluate("localStorage.getItem('hunt-join:city-lights')"), null);
});

test('a broken connection is shown, mended, and what was missed is read', { skip }, async (t) => {
  const { page, server } = await pageOn(t);
  await join(page);
  server.progress.points = 99;
  server.breakLive();
  await sees(page, 'Reconnecting…');
  await page.locator('#points').filter({ hasText: '99' }).waitFor();
  await page.locator('#connection').waitFor({ state: 'hidden' });
});

test('the board follows the standings and shows who climbed', { skip }, async (t) => {
  const { page, server } = await pageOn(t, '/board', {}, (stub) => {
    stub.standings.push(...['Owls', 'Foxes', '<b>Bats</b>'].map(row));
  });
  await sees(page, '<b>Bats</b>');
  const teams = () => page.locator('#rows .team').allInnerTexts();
  assert.deepEqual(await teams(), ['Owls', 'Foxes', '<b>Bats</b>']);
  const [owls, foxes] = server.standings;
  const lead = (first: typeof owls, second: typeof owls) => {
    Object.assign(first!, { rank: 1, points: second!.points + 10 });
    Object.assign(second!, { rank: 2 });
    server.standings.splice(0, 2, first!, second!);
    server.push({ event: 'standings', cursor: '1', version: 2, top: [] });
  };
  lead(foxes, owls);
  await page.getByRole('row', { name: 'Foxes' }).getByLabel('up 1').waitFor();
  await page.getByRole('row', { name: 'Owls' }).getByLabel('down 1').waitFor();
  assert.deepEqual(await teams(), ['Foxes', 'Owls', '<b>Bats</b>']);
  assert.equal(await page.locator('#leader').textContent(), 'Foxes leads with 50 points.');
  // Once more: the first change may have been read together with the page.
  lead(owls, foxes);
  await page.getByRole('row', { name: 'Owls' }).getByLabel('up 1').waitFor();
  assert.deepEqual(await teams(), ['Owls', 'Foxes', '<b>Bats</b>']);
});

test('the board says when its standings are of', { skip }, async (t) => {
  const { page, server } = await pageOn(t, '/board', {}, (stub) => {
    stub.standings.push(...['Owls', 'Foxes'].map(row));
    stub.staleSince = '2026-05-01T10:30:00Z';
  });
  await sees(page, /^As of .*30:00/);
  server.staleSince = undefined;
  server.push({ event: 'standings', cursor: '1', version: 1, top: [] });
  await page.locator('#stale').waitFor({ state: 'hidden' });
});

test('nothing is wider than the smallest screen', { skip }, async (t) => {
  const { page, url } = await pageOn(t, '/', { viewport: { width: 320, height: 600 } }, (stub) => {
    stub.standings.push(...['W'.repeat(60), 'Foxes'].map(row));
    stub.hunt.steps[0]!.title = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(2);
  });
  const width = 'document.documentElement.scrollWidth';
  assert.equal(await page.evaluate(width), 320);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByLabel('Your answer').waitFor();
  assert.equal(await page.evaluate(width), 320);
  await page.goto(`${url}/board`);
  await sees(page, 'Foxes');
  assert.equal(await page.evaluate(width), 320);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page can be read and used by everybody, in ${colorScheme} colours`, {
    skip,
  }, async (t) => {
    const { page, url } = await pageOn(t, '/', { colorScheme }, (stub) => {
      stub.standings.push(...['Owls', 'Foxes'].map(row));
    });
    await page.getByRole('button', { name: 'Join' }).waitFor();
    assert.deepEqual(await breaches(page), []);
    await join(page);
    const card = step(page, 'The old bridge');
    await card.getByLabel('Your answer').fill('13');
    await card.getByRole('button', { name: 'Answer' }).click();
    await sees(page, 'That is not it. Try again in 1 min.');
    assert.deepEqual(await breaches(page), []);
    await page.goto(`${url}/board`);
    await sees(page, 'Foxes');
    assert.deepEqual(await breaches(page), []);
  });
}

function row(name: string, index: number) {
  return {
    rank: index + 1,
    team: `team-${index}`,
    name,
    points: 40 - 10 * index,
    penaltySeconds: 0,
    lastScoreAt: Date.now() - 60_000 * index,
    solved: 2,
  };
}
