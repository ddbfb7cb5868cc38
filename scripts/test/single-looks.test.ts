import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { singleLooks } from '../lint/single-looks.js';
import { ROOT } from '../run.js';

const TESTS = 'packages/fbcenter/web/test/browser';

const complaintsAbout = (body: string) =>
  singleLooks('a.test.ts', `it('is a test', async () => {\n${body}\n});`).map((complaint) =>
    complaint.replace(/^a\.test\.ts:(\d+): (\w+ \w+).*/, '$1 $2'),
  );

describe('a test in a browser', () => {
  it.each([
    ['the text of an element', 'expect(await row.textContent()).toContain("x");'],
    ['a part of it', 'expect((await row.textContent())?.trim()).toBe("x");'],
    ['how many there are', 'expect(await rows.count()).toBe(0);'],
    ['the address', 'expect(page.url()).toContain("x");'],
    ['a part of the address', 'expect(new URL(page.url()).hash).toBe("");'],
    ['what a helper reads', 'expect(await stored("x")).toEqual({});'],
    ['one of several', 'expect([1, await rows.count()]).toEqual([1, 2]);'],
    ['a constant that was read before', 'const text = await row.textContent();\nexpect(text).toBe("x");', '3'],
    ['a part of such a constant', 'const { name } = await stored("x");\nexpect(name.trim()).toBe("x");', '3'],
    ['one of a list of them', 'const [first] = await page.cookies();\nexpect(first).toEqual({});', '3'],
    ['a constant of a constant', 'const a = await f();\nconst b = a.b;\nexpect(b).toBe(1);', '4'],
  ])('may not expect anything of %s after a single look', (_, body, line = '2') => {
    expect(complaintsAbout(body)).toEqual([`${line} expects of`]);
  });

  it.each([
    ['do what a look decides', 'if (await button.isVisible()) await button.click();', 'does what'],
    ['choose by a look', 'const x = (await rows.count()) > 1 ? 1 : 2;', 'does what'],
    ['wait for a time', 'await page.waitForTimeout(100);', 'waits for'],
    ['poll in a way of its own', 'await expect.poll(() => rows.count()).toBe(1);', 'polls by'],
  ])('may not %s', (_, body, complaint) => {
    expect(complaintsAbout(body)).toEqual([`2 ${complaint}`]);
  });

  it.each([
    ['wait for a state', 'await eventually(() => rows.count()).toBe(1);'],
    ['wait for a state of the server', 'await eventually(async () => (await stored("x")).name).toBe("x");'],
    ['look when something is shown', 'expect(await whenShown(notice, () => rows.count())).toBe(0);'],
    ['look at a part then', 'expect((await whenShown(notice, () => stored("x"))).rules).toEqual([]);'],
    ['keep a text that it has waited for', 'const text = await textWhen(code, /x/);\nexpect(text).not.toContain("y");'],
    ['expect what a request answers', 'const response = await fetch(url);\nexpect(response.status).toBe(200);'],
    [
      'expect what an event brings',
      'const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);\nexpect(file.name()).toBe("x");',
    ],
    ['act on what it reads', 'const box = await bar.boundingBox();\nawait page.mouse.move(box.x, box.y);'],
    ['define what is read later', 'const shares = async () => (await inputs.all()).length;'],
    [
      'name a property like a constant',
      'const text = await f();\nconst x = { text: 1 };\nexpect(x).toEqual({ text: 1 });',
    ],
  ])('may %s', (_, body) => {
    expect(complaintsAbout(body)).toEqual([]);
  });

  it.each(readdirSync(join(ROOT, TESTS)).filter((name) => name.endsWith('.test.ts')))(
    'waits wherever it looks: %s',
    (name) => {
      expect(singleLooks(name, readFileSync(join(ROOT, TESTS, name), 'utf8'))).toEqual([]);
    },
  );
});
