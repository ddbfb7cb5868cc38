import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from './backend.js';
import type { Consumer } from './consumers.js';
import { eventually, expectEvents, type Stage } from './stage.js';

type Bundler = 'webpack' | 'turbopack';

/** What a page, a route and a proxy give, from a process of their own. */
interface Answers {
  readonly page: string;
  /** A component of the browser, in the page that the server has made. */
  readonly component: string | undefined;
  readonly header: string | null;
  readonly route: string;
}

async function ask(url: string): Promise<Answers> {
  const page = await fetch(url);
  const text = (await page.text()).replaceAll(/<!--.*?-->/g, '');
  const [, edition = text.slice(0, 2_000)] = /<main>(.*?);/.exec(text) ?? [];
  const [, component] = /<aside>(.*?)<\/aside>/.exec(text) ?? [];
  const route = await fetch(`${url}/api/flag`);
  return { page: edition, component, header: page.headers.get('x-flag'), route: await route.text() };
}

function expectAnswers(answers: Answers, edition: string, value: string): void {
  const expected: Answers = {
    page: `${edition} edition: ${value}`,
    component: `in the browser: ${value}`,
    header: value,
    route: `{"value":"${value}"}`,
  };
  if (JSON.stringify(answers) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(answers)}`);
  }
}

/** Built, started: a page, a route and a proxy share one connection, hear a push, and report, up to the end of the server. */
async function production(stage: Stage, flag: readonly string[]): Promise<void> {
  await stage.withBackend(async (backend) => {
    await stage.tool('next', ['build', ...flag], backend.variables);
    expectNothingOfOurs(stage, backend);
    const opened = backend.streams.opened;
    await stage.withServer(stage.bin('next'), ['start', '--port', '0'], backend.variables, async (url, terminate) => {
      let asked = 0;
      const expectMetrics = (): void => {
        const { metrics } = backend.counts;
        if (metrics !== asked) throw new Error(`the route was asked ${asked} times, and has reported ${metrics}`);
      };
      const answers = (): Promise<Answers> => {
        asked += 1;
        return ask(url);
      };
      expectAnswers(await answers(), 'first', 'off');
      await eventually(() => expectEvents(backend, 3));
      await backend.push();
      await eventually(async () => expectAnswers(await answers(), 'first', 'on'));
      expectStreams(backend.streams.opened - opened);
      await eventually(expectMetrics);
      await answers();
      await terminate();
      expectMetrics();
    });
  });
}

/** In development: after changes of a page and of the module that makes the client there is still one connection. */
async function development(stage: Stage, flag: readonly string[]): Promise<void> {
  await stage.withBackend(async (backend) => {
    await stage.withServer(stage.bin('next'), ['dev', '--port', '0', ...flag], backend.variables, async (url) => {
      expectAnswers(await ask(url), 'first', 'off');
      stage.edit('app/page.js', (text) => text.replace('first', 'second'));
      await eventually(async () => expectAnswers(await ask(url), 'second', 'off'));
      stage.edit('lib/flags.js', (text) => `${text}\n// Changed.\n`);
      stage.edit('app/page.js', (text) => text.replace('second', 'third'));
      await eventually(async () => expectAnswers(await ask(url), 'third', 'off'));
      await backend.push();
      await eventually(async () => expectAnswers(await ask(url), 'third', 'on'));
      expectStreams(backend.streams.opened);
    });
    stage.edit('app/page.js', (text) => text.replace('third', 'first'));
  });
}

/** What browsers load has neither the client nor the secret. */
function expectNothingOfOurs(stage: Stage, { variables }: Backend): void {
  const folder = join(stage.folder, '.next/static');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length === 0) throw new Error(`${folder} is empty`);
  for (const { parentPath, name } of files) {
    const text = readFileSync(join(parentPath, name), 'utf8');
    const found = ['latest-all', variables.FB_SECRET ?? ''].find((part) => text.includes(part));
    if (found !== undefined) throw new Error(`what browsers load, ${name}, has ${found}`);
  }
}

function expectStreams(opened: number): void {
  if (opened !== 1) throw new Error(`expected one stream to the flag center, there were ${opened}`);
}

function next(major: 15 | 16, version: string, flags: Readonly<Record<Bundler, readonly string[]>>): Consumer {
  const scenes: Consumer['scenes'] = Object.fromEntries(
    (['webpack', 'turbopack'] as const).flatMap((bundler) => [
      [`${bundler}, build and start`, (stage: Stage) => production(stage, flags[bundler])],
      [`${bundler}, dev with hot reload`, (stage: Stage) => development(stage, flags[bundler])],
    ]),
  );
  return {
    name: `next-${major}`,
    title: 'Next.js',
    packages: { next: version, react: '19.3.1', 'react-dom': '19.3.1' },
    apps: ['next', `next-${major}`],
    scenes,
    remark: 'one client for all bundles: [the recipe](#nextjs)',
  };
}

export const FRAMEWORKS: readonly Consumer[] = [
  next(15, '15.5.29', { webpack: [], turbopack: ['--turbopack'] }),
  next(16, '16.4.6', { webpack: ['--webpack'], turbopack: [] }),
];
