import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommand } from '../../src/cli/arguments.js';
import { runCommand } from '../../src/cli/commands.js';
import { VERSION } from '../../src/version.js';

const SECRET = 'aSecretOfThisEnvironment0123456789';

interface Flag {
  readonly key: string;
  readonly values: readonly string[];
  readonly type?: string;
  readonly name?: string;
  readonly isArchived?: boolean;
  readonly tags?: readonly string[];
}

const THEME: Flag = { key: 'theme', type: 'string', values: ['light', 'dark'], name: 'Theme of the shop' };
const CHECKOUT: Flag = { key: 'new-checkout', type: 'boolean', values: ['true', 'false'] };
const OLD: Flag = { key: 'old', type: 'boolean', values: ['true', 'false'], isArchived: true };

function envelope(flags: readonly Flag[]): string {
  const featureFlags = flags.map(({ key, values, type = 'string', name, isArchived = false, tags }) => ({
    key,
    name,
    updatedAt: '2026-01-05T09:00:00.000Z',
    isArchived,
    isEnabled: true,
    variationType: type,
    variations: values.map((value, index) => ({ id: `v${index}`, value })),
    targetUsers: [],
    rules: [],
    fallthrough: { includedInExpt: false, variations: [{ id: 'v0', rollout: [0, 1], exptRollout: 1 }] },
    disabledVariationId: 'v0',
    exptIncludeAllTargets: false,
    tags,
  }));
  return JSON.stringify({ messageType: 'data-sync', data: { eventType: 'full', featureFlags, segments: [] } });
}

let folder: string;
let server: Server;
let url: string;
/** What the server answers with. */
let answer: { status: number; body: string };
let requests: { readonly path: string | undefined; readonly secret: string | undefined }[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fbclient-cli-'));
  answer = { status: 200, body: envelope([THEME, CHECKOUT, OLD]) };
  requests = [];
  server = createServer((request, response) => {
    requests.push({ path: request.url, secret: request.headers.authorization });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => void server.close(resolve));
});

const path = (name: string): string => join(folder, name);

function put(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

/** Runs the command. @param pauses what happens during each pause of `--watch`; after the last one it is stopped. */
async function run(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = { FB_URL: url, FB_SECRET: SECRET },
  pauses: readonly (() => void)[] = [],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  let pause = 0;
  const code = await runCommand({
    args,
    variables,
    readFile: (file) => readFileSync(file, 'utf8'),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    pause: async () => {
      pauses[pause]?.();
      pause += 1;
      return pause <= pauses.length;
    },
  });
  // Whatever is asked for, and whatever goes wrong.
  expect(out + err).not.toContain(SECRET);
  return { code, out, err };
}

describe('fbclient types', () => {
  it('writes the flags of an environment as an interface', async () => {
    const { code, out } = await run(['types']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^\/\/ Made by .*\nexport interface Flags \{\n {2}'new-checkout': boolean;\n {2}\/\*\* Theme of the shop \*\/\n {2}'theme': 'dark' \| 'light';\n\}\n$/s,
    );
    expect(requests).toEqual([{ path: '/api/public/sdk/server/latest-all', secret: SECRET }]);
  });

  it('has archived flags only when they are asked for', async () => {
    expect((await run(['types', '--include-archived'])).out).toMatch(/@deprecated Archived.*\n {2}'old': boolean;/);
  });

  it('has the keys for OpenFeature when they are asked for', async () => {
    const { code, out } = await run(['types', '--openfeature']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /BooleanFlagKey =\n {4}\| 'new-checkout';\n.*\/\*\* Theme of the shop \*\/\n {4}\| 'theme';\n/s,
    );
  });

  it.each([
    [['shop'], ["'new-checkout'", "'theme'"]],
    [['admin'], ["'new-checkout'"]],
    [
      ['admin', 'mail'],
      ["'new-checkout'", "'sender'"],
    ],
  ])('has only flags with one of the tags %j', async (tags, expected) => {
    answer.body = envelope([
      { ...THEME, tags: ['shop'] },
      { ...CHECKOUT, tags: ['shop', 'admin'] },
      { key: 'sender', values: ['a'], tags: ['mail'] },
      { key: 'plain', values: ['a'] },
    ]);
    const { out } = await run(['types', ...tags.flatMap((tag) => ['--tag', tag])]);
    expect(out.match(/^ {2}'[\w-]+'/gm)?.map((line) => line.trim())).toEqual(expected);
  });

  it.each([
    ['shops', 'did you mean shop?'],
    ['x', "the environment's tags: admin, shop"],
  ])('refuses the tag %s, which no flag has, and says which there are', async (tag, hint) => {
    answer.body = envelope([
      { ...THEME, tags: ['shop'] },
      { ...CHECKOUT, tags: ['shop', 'admin'] },
    ]);
    expect(await run(['types', '--tag', tag])).toMatchObject({
      code: 2,
      err: expect.stringContaining(`no flag has the tag ${tag}: ${hint}`),
    });
  });

  it('takes the secret from a file, and the address of the socket', async () => {
    put('secret', `${SECRET}\n`);
    const args = ['types', '--url', `${url.replace('http', 'ws')}/`, '--secret-file', path('secret')];
    expect(await run(args, {})).toMatchObject({ code: 0 });
    expect(requests).toEqual([{ path: '/api/public/sdk/server/latest-all', secret: SECRET }]);
  });

  it('takes a file of flags, and needs no secret then', async () => {
    put('flags.json', answer.body);
    expect((await run(['types', '--file', path('flags.json')], {})).out).toContain("'theme': 'dark' | 'light';");
    expect(requests).toEqual([]);
  });

  it('leaves out a damaged flag, and says so', async () => {
    answer.body = envelope([THEME, CHECKOUT]).replace('"isEnabled":true,"variationType":"boolean"', '"isEnabled":1');
    const { code, out, err } = await run(['types']);
    expect([code, out.includes('theme'), out.includes('new-checkout')]).toEqual([0, true, false]);
    expect(err).toBe('fbclient: flag "new-checkout" is left out: isEnabled: expected a boolean, got number\n');
  });

  it('writes a file, in a folder that it makes, and only when it would become another one', async () => {
    const out = path('src/flags.d.ts');
    expect((await run(['types', '--out', out])).err).toBe(`${out} is written\n`);
    const text = readFileSync(out, 'utf8');
    expect(text).toContain("'theme'");
    expect((await run(['types', '--out', out])).err).toBe(`${out} is current\n`);
    expect(readFileSync(out, 'utf8')).toBe(text);
  });

  it('--check writes nothing, and says in words what has changed', async () => {
    const out = path('flags.d.ts');
    expect(await run(['types', '--check', '--out', out])).toMatchObject({
      code: 1,
      err: expect.stringContaining('it does not exist'),
    });
    await run(['types', '--out', out]);
    expect(await run(['types', '--check', '--out', out])).toEqual({ code: 0, out: '', err: `${out} is current\n` });
    const text = readFileSync(out, 'utf8');
    answer.body = envelope([
      { ...THEME, values: ['light', 'dark', 'festive'] },
      { ...OLD, isArchived: false },
    ]);
    expect(await run(['types', '--check', '--out', out])).toEqual({
      code: 1,
      out: '',
      err: `${out} is not current:\n  'old' is new: boolean\n  'theme' was 'dark' | 'light' and is 'dark' | 'festive' | 'light'\n  'new-checkout' is gone\nRun fbclient types --out ${out}, and commit the file.\n`,
    });
    expect(readFileSync(out, 'utf8')).toBe(text);
  });

  it('--check says the whole command that makes the file current', async () => {
    answer.body = envelope([{ ...THEME, tags: ['shop'] }]);
    const out = path('openfeature.d.ts');
    const options = ['--openfeature', '--tag', 'shop', '--include-archived', '--out', out];
    expect((await run(['types', '--check', ...options])).err).toContain(
      `\nRun fbclient types ${options.join(' ')}, and commit the file.\n`,
    );
    await run(['types', ...options]);
    expect((await run(['types', '--check', ...options])).code).toBe(0);
  });

  it('--watch writes when the flags have changed, outlasts an outage and says it once', async () => {
    const out = path('flags.d.ts');
    const texts: string[] = [];
    const then = (next: typeof answer) => () => {
      texts.push(readFileSync(out, 'utf8').includes('festive') ? 'festive' : 'plain');
      answer = next;
    };
    const good = answer;
    const bad = { status: 503, body: 'busy' };
    const festive = { status: 200, body: envelope([{ ...THEME, values: ['festive'] }, CHECKOUT]) };
    const pauses = [then(good), then(bad), then(bad), then(festive), then(festive)];
    const { code, err } = await run(['types', '--watch', '--out', out], undefined, pauses);
    expect(code).toBe(0);
    expect(texts).toEqual(['plain', 'plain', 'plain', 'plain', 'festive']);
    expect(err.match(/it is tried again/g)).toHaveLength(1);
    expect(err).toContain(`${out} is written\n  'theme' was 'dark' | 'light' and is 'festive'\n`);
  });
});

describe('the interface that fbclient types writes', () => {
  it('makes the compiler refuse what the environment does not have', { timeout: 120_000 }, async () => {
    answer.body = envelope([
      THEME,
      CHECKOUT,
      { key: "it's\n*/", values: ['*/', "'", '\u2028'] },
      { key: 'limit', type: 'number', values: ['-1.5', '1e21'] },
      { key: 'banner', type: 'json', values: ['{"text":"a","sizes":[1]}', '{"text":"b","sizes":[],"to":null}', '[]'] },
    ]);
    await run(['types', '--out', path('flags.d.ts')]);
    put(
      'use.ts',
      `import { FBClient } from 'fbclient';
import type { Flags } from './flags.js';
const client = new FBClient<Flags>({ offline: true });
const user = { key: 'ada' };
const theme: 'dark' | 'light' = client.variation('theme', user, 'light');
const on: boolean = client.boolVariation('new-checkout', user, false);
const limit: -1.5 | 1e21 = client.variation('limit', user, -1.5);
const banner = client.variation('banner', user, { text: '', sizes: [] });
const size: number | undefined = 'sizes' in banner ? banner.sizes[0] : undefined;
client.variation("it's\\n*/", user, '*/');
// @ts-expect-error there is no such flag
client.variation('themes', user, 'light');
// @ts-expect-error there is no such value
client.variation('theme', user, 'pink');
// @ts-expect-error it is of another type
client.boolVariation('theme', user, false);
// @ts-expect-error it lacks a property
client.variation('banner', user, { text: '' });
export { theme, on, limit, size };
`,
    );
    const source = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    const compilerOptions = { noEmit: true, skipLibCheck: false, types: [], paths: { fbclient: [source] } };
    const lib = ['es2023', 'dom', 'esnext.disposable', 'es2024.string'];
    put('package.json', '{ "type": "module" }');
    put(
      'tsconfig.json',
      JSON.stringify({
        extends: join(root, 'tsconfig.base.json'),
        compilerOptions: { ...compilerOptions, lib, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
        files: ['use.ts'],
      }),
    );
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    expect(stdout.split('\n').filter((line) => /^\S*(?:use|flags\.d)\.ts/.test(line))).toEqual([]);
    // It has been looked at: a mistake is found.
    put('use.ts', `${readFileSync(path('use.ts'), 'utf8')}client.variation('other', user, 1);\n`);
    const { stdout: again } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
    expect(again).toMatch(/use\.ts\(\d+,18\): error TS/);
  });
});

describe('the keys that fbclient types --openfeature writes', () => {
  it("make the compiler refuse them in OpenFeature's clients", { timeout: 120_000 }, async () => {
    answer.body = envelope([THEME, CHECKOUT]);
    await run(['types', '--openfeature', '--out', path('openfeature.d.ts')]);
    put(
      'use.ts',
      `import type { Client } from '@openfeature/server-sdk';
export async function use(client: Client): Promise<unknown> {
  const known = [await client.getBooleanValue('new-checkout', false), await client.getStringValue('theme', 'light')];
  // @ts-expect-error there is no such flag
  await client.getBooleanValue('new-checkouts', false);
  // @ts-expect-error it is of another type
  await client.getBooleanValue('theme', false);
  // @ts-expect-error there is no flag of that type
  await client.getNumberValue('limit', 1);
  return known;
}
`,
    );
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    mkdirSync(path('node_modules'));
    symlinkSync(join(root, 'node_modules/@openfeature'), path('node_modules/@openfeature'));
    const compile = (skipLibCheck: boolean): string => {
      const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', skipLibCheck, types: [] };
      put('tsconfig.json', JSON.stringify({ compilerOptions, files: ['openfeature.d.ts', 'use.ts'] }));
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      return spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' }).stdout;
    };
    put('package.json', '{ "type": "module" }');
    expect(compile(true)).toBe('');
    // As the file says.
    expect(compile(false)).toMatch(/error TS2300/);
  });
});

describe('fbclient scan', () => {
  const shop = (): string => relative('.', path('shop')).replaceAll('\\', '/');

  it('finds keys that the environment lacks, flags that no code names, and keys that it cannot know', async () => {
    put(
      'shop/a.ts',
      "c.variation('theme', u, 'light');\nc.variation('them', u, 'light');\nc.boolVariation('old', u);\n",
    );
    put('shop/deep/b.vue', '<script>c.boolVariation(KEY, u)</script>');
    put('shop/node_modules/x/c.js', "c.variation('not-mine', u)");
    put('shop/.hidden/d.js', "c.variation('not-mine', u)");
    put('shop/flags.d.ts', "export interface Flags { 'new-checkout': boolean }\nc.variation('not-mine')");
    put('shop/notes.md', "c.variation('not-mine')");
    const { code, out } = await run(['scan', path('shop')]);
    expect(code).toBe(1);
    expect(out).toBe(`Keys that the environment does not have:
  ${shop()}/a.ts:2:13 'them' (did you mean 'theme'?)
  ${shop()}/a.ts:3:17 'old' (archived)

Flags that no code names:
  'new-checkout'

Calls whose key is no literal, and is not checked:
  ${shop()}/deep/b.vue:1:25 boolVariation(…)

2 files, 2 flags: 2 wrong keys, 1 flags not named
`);
  });

  it.each([
    ['all is named', "c.variation('theme'); const KEY = 'new-checkout'", [], 0],
    ['a flag is not named', "c.variation('theme')", [], 0],
    ['a flag is not named, and that counts', "c.variation('theme')", ['--fail-unused'], 1],
    ['a key is wrong', "c.variation('theme'); c.variation('new-checkout'); c.variation('x')", [], 1],
  ])('when %s its exit code says so', async (_, source, options, code) => {
    put('shop/a.ts', source);
    expect((await run(['scan', path('shop'), ...options])).code).toBe(code);
  });

  it('takes several folders and files, and reads each file once', async () => {
    put('shop/a.ts', "c.variation('theme')");
    put('b.mjs', "c.variation('new-checkout')");
    const { out } = await run(['scan', path('shop'), folder, path('b.mjs')]);
    expect(out).toBe('2 files, 2 flags: 0 wrong keys, 0 flags not named\n');
  });

  it('leaves out a file that is too large, and says so', async () => {
    put('shop/a.js', `c.variation('wrong');${' '.repeat(2 * 1024 * 1024)}`);
    expect(await run(['scan', path('shop')])).toMatchObject({
      code: 0,
      err: `fbclient: ${shop()}/a.js is left out: it is larger than 2 MiB\n`,
    });
  });

  it('says which folder cannot be read', async () => {
    expect(await run(['scan', path('nowhere')])).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${path('nowhere')} cannot be read (ENOENT)`),
    });
  });
});

describe('what the command cannot do', () => {
  it.each([
    [401, '', /refuses the secret .*check that it is the environment's server secret/],
    [500, '', /could not be asked for the flags: HTTP status 500/],
    [404, 'no such page', /could not be asked for the flags: HTTP status 404/],
    [200, '<html>', /does not answer as a flag server does \(not JSON \(6 characters\)\): check the URL/],
    [200, '{"messageType":"data-sync"}', /does not answer as a flag server does/],
  ])('is said of an answer %i %j', async (status, body, expected) => {
    answer = { status, body };
    const { code, err } = await run(['types']);
    expect(code).toBe(2);
    expect(err).toMatch(expected);
  });

  it('is said of a server that is not there', async () => {
    const { code, err } = await run(['types', '--url', 'http://127.0.0.1:9']);
    expect(code).toBe(2);
    expect(err).toMatch(/could not be asked for the flags: ECONNREFUSED/);
  });

  it.each([
    ['{"a":}', /flags.json is not JSON: line 1, column 6: expected a value/],
    ['{}', /flags.json holds no data-sync envelope: messageType/],
  ])('is said of a file that holds %s', async (text, expected) => {
    put('flags.json', text);
    const { code, err } = await run(['types', '--file', path('flags.json')], {});
    expect(code).toBe(2);
    expect(err).toMatch(expected);
  });

  it('is said of a file that is not there, or cannot be written', async () => {
    expect((await run(['types', '--file', path('none.json')], {})).err).toMatch(/none.json cannot be read \(ENOENT\)/);
    put('file', '');
    expect((await run(['types', '--out', path('file/flags.d.ts')])).err).toMatch(/cannot be (?:read|written) \(E\w+\)/);
  });
});

describe('the command line', () => {
  const GOOD = { FB_URL: 'http://flags:80', FB_SECRET: 'secret' };
  const read = (args: readonly string[], variables: Readonly<Record<string, string>> = GOOD): unknown => {
    try {
      return readCommand(args, variables, () => {
        throw new Error('no such file');
      });
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  };
  const origin = { kind: 'server', url: 'http://flags', secret: 'secret' };
  const types = { kind: 'types', target: 'fbclient', includeArchived: false, tags: [] };

  it.each([
    [[], { kind: 'help' }],
    [['--help'], { kind: 'help' }],
    [['types', '-h'], { kind: 'help' }],
    [['--version'], { kind: 'version' }],
    [['types'], { ...types, origin, out: undefined, mode: 'write' }],
    [
      ['types', '--openfeature', '--tag=a', '--tag', 'b', '--include-archived'],
      { ...types, origin, mode: 'write', target: 'openfeature', includeArchived: true, tags: ['a', 'b'] },
    ],
    [['types', '--check', '--out=f'], { ...types, origin, out: 'f', mode: 'check' }],
    [['scan'], { kind: 'scan', origin, folders: ['.'], failsForUnused: false }],
    [['scan', 'a', 'b', '--fail-unused'], { kind: 'scan', origin, folders: ['a', 'b'], failsForUnused: true }],
    [
      ['scan', '--file', 'f'],
      { kind: 'scan', origin: { kind: 'file', path: 'f' }, folders: ['.'], failsForUnused: false },
    ],
  ])('%j is understood', (args, command) => {
    expect(read(args)).toEqual(command);
  });

  it.each([
    [['type'], 'no such command: type'],
    [['--check'], 'the command is missing: types or scan'],
    [['types', 'src'], 'types takes no src: name the file with --out'],
    [['types', '--chek'], 'the option --chek is not known, or its value is missing'],
    [['types', '--out'], 'the option --out is not known, or its value is missing'],
    [['types', '--check'], '--check needs the file that it is about: --out flags.d.ts'],
    [['types', '--watch'], '--watch needs the file that it is about: --out flags.d.ts'],
    [['types', '--watch', '--check', '--out', 'f'], '--check and --watch exclude each other'],
    [['types', '--fail-unused'], '--fail-unused goes with the command scan'],
    [['scan', '--tag', 'a'], '--tag goes with the command types'],
    [['scan', '--out', 'f'], '--out goes with the command types'],
    [['types', '--file', 'f', '--url', 'u'], '--file and --url exclude each other'],
    [['types', '--url', 'flags'], 'the URL must begin with http://, https://, ws:// or wss://'],
    [
      ['types', '--url', 'http://a:b@flags'],
      'the URL must be a plain base URL, without credentials, query or fragment',
    ],
    [['types', '--secret-file', 'f'], 'the file of the secret, f, cannot be read'],
  ])('%j is refused, and it says why', (args, message) => {
    expect(read(args)).toBe(message);
  });

  it.each([
    [{}, /where the flags are is missing/],
    [{ FB_URL: 'http://flags' }, /the environment's server secret is missing: set FB_SECRET/],
    [{ FB_URL: 'http://flags', FB_SECRET: 'two words' }, /one word of plain ASCII/],
  ])('with the variables %j it is refused', (variables, message) => {
    expect(read(['types'], variables)).toMatch(message);
  });

  it('refuses a secret as an argument, without repeating it', () => {
    const message = read(['types', '--secret', SECRET]);
    expect(message).toMatch(/not given as an argument.*set FB_SECRET/);
    expect(message).not.toContain(SECRET);
  });

  it('prints its help and its version', async () => {
    expect((await run(['--help'])).out).toMatch(/^Usage: fbclient types/m);
    expect((await run(['--version'])).out).toBe(`${VERSION}\n`);
  });
});
