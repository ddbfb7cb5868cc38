/**
 * `npm run check:guides`: follows the guides for operators in docs/operating as an operator would, and does what deploy/Containerfile says, both with the
 * packed package, each in an empty folder. Needs a build; guides about PostgreSQL need its programs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runContainerfile } from './guides/container-run.js';
import { needsDatabase, programOf, type Step, stepsOf } from './guides/guide.js';
import { mustRun, ROOT } from './run.js';
import { ensurePostgres, PostgresServer } from './test-support/postgres-server.js';

const FOLDER = join(ROOT, 'docs/operating');
const CONTAINER = 'container';
const GUIDES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.md'))
  .map((file) => file.replace('.md', ''));

const HELP = `npm run check:guides [-- NAME…]

Follows the guides in docs/operating, and the steps of deploy/Containerfile, with the packed package.

  NAME     only these: ${[...GUIDES, CONTAINER].join(', ')}
  --help   this text

Packages are installed in temporary folders. All together take some minutes; Ctrl-C stops it.`;

/** How long a guide may take, in milliseconds: on a machine that has much else to do, too. */
const PATIENCE = 300_000;

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()].map((server) => server.listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [first = 0, second = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return [first, second];
}

/** The tarballs of what is published of the two packages. */
function pack(folder: string): readonly string[] {
  return ['fbclient', 'fbcenter'].map((name) => {
    const args = ['pack', '--silent', '--pack-destination', folder, '--workspace', name];
    return join(folder, mustRun('npm', args).trim());
  });
}

/** Follows a guide in a folder. @throws with its output, and the line that it has come to. */
async function follow(
  page: string,
  steps: readonly Step[],
  folder: string,
  programs: string,
  database: string,
): Promise<void> {
  const script = join(folder, 'steps.sh');
  const ports = await freePorts();
  writeFileSync(script, programOf(steps, { ports, database }));
  const home = join(folder, 'work');
  mkdirSync(home);
  const own = Object.entries(process.env).filter(([name]) => !/^(?:FBCENTER|npm)_/.test(name));
  const environment = {
    ...Object.fromEntries(own),
    PATH: `${programs}:${process.env.PATH}`,
    FBCENTER_PORT: String(ports[0]),
  };
  // A group of its own, so that nothing that a guide has started is left behind.
  const child = spawn('bash', [script], {
    cwd: home,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let line = '';
  for (const index of [1, 2] as const) child.stdio[index]?.on('data', (data: Buffer) => (output += data));
  child.stdio[3]?.on('data', (data: Buffer) => (line = data.toString().trim().split('\n').at(-1) ?? line));
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All have ended.
    }
  };
  const timer = setTimeout(end, PATIENCE);
  const [code] = await once(child, 'exit');
  clearTimeout(timer);
  end();
  if (code === 0) return;
  const logs = readdirSync(home).filter((file) => file.endsWith('.log'));
  const said = logs.map((file) => `--- ${file}\n${readFileSync(join(home, file), 'utf8')}`).join('');
  throw new Error(`${page}:${line} failed (${code ?? 'too slow'}):\n${output}${said}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true });
  if (values.help === true) return console.log(HELP);
  const unknown = positionals.filter((name) => ![...GUIDES, CONTAINER].includes(name));
  if (unknown.length > 0) throw new Error(`no such guide: ${unknown.join(', ')}; see --help`);
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  const work = mkdtempSync(join(tmpdir(), 'fbcenter-guides-'));
  chmodSync(work, 0o755);
  let failed = 0;
  const report = async (name: string, run: () => Promise<void>): Promise<void> => {
    const start = performance.now();
    const problem = await run().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (problem !== undefined) failed += 1;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(
      `${problem === undefined ? 'ok    ' : 'FAILED'} ${seconds.padStart(6)} s  ${name}${problem === undefined ? '' : `\n\n${problem}\n`}`,
    );
  };
  try {
    const tarballs = pack(work);
    const installed = join(work, 'installed');
    mkdirSync(installed);
    writeFileSync(join(installed, 'package.json'), '{ "private": true }\n');
    mustRun('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs, 'postgres@3.4.9'], {
      folder: installed,
    });
    const programs = join(installed, 'node_modules/.bin');
    const guides = GUIDES.filter(wanted).map((name) => {
      const page = `docs/operating/${name}.md`;
      return { name, page, steps: stepsOf(page, readFileSync(join(ROOT, page), 'utf8')) };
    });
    if (guides.some(({ steps }) => needsDatabase(steps))) ensurePostgres();
    for (const { name, page, steps } of guides) {
      await report(name, async () => {
        const folder = join(work, name);
        mkdirSync(folder);
        await using server = needsDatabase(steps) ? await PostgresServer.start() : undefined;
        await follow(page, steps, folder, programs, server?.url() ?? '');
      });
    }
    if (wanted(CONTAINER)) {
      await report(CONTAINER, async () => {
        const context = join(work, 'context');
        cpSync(join(ROOT, 'deploy'), context, { recursive: true });
        for (const tarball of tarballs) cpSync(tarball, join(context, 'packages', tarball.slice(work.length + 1)));
        const named = tarballs.map((tarball) => `./packages${tarball.slice(work.length)}`).join(' ');
        const [port] = await freePorts();
        const text = readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8');
        await runContainerfile({ text, context, work: join(work, 'image'), arguments: { FBCENTER: named }, port });
      });
    }
  } finally {
    if (existsSync(work)) rmSync(work, { recursive: true, force: true });
  }
  if (failed > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
