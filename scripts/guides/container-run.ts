import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun } from '../run.js';
import { type ContainerStage, lastOf, membersOf, stagesOf, wordsOf } from './containerfile.js';

export interface ContainerRun {
  /** The Containerfile. */
  readonly text: string;
  /** What `COPY` copies from. */
  readonly context: string;
  /** An empty folder, in which each stage has its root. */
  readonly work: string;
  /** As `--build-arg`. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly port: number;
}

/** How long it may take until the health check is content, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Does what a Containerfile says without containers: each stage has a folder as its root, and every absolute path within it is meant there. Then the
 * image's command is run as the image's user, until its health check is content, and stopped as a container is stopped.
 *
 * @throws when any step fails, when the program does not end with 0, or when it has written outside of its volume.
 */
export async function runContainerfile(options: ContainerRun): Promise<void> {
  const stages = stagesOf(options.text);
  const roots = new Map<string, string>();
  for (const [index, stage] of stages.entries()) {
    const root = join(options.work, `stage-${index}`);
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o755);
    build(stage, root, roots, options);
    if (stage.name !== undefined) roots.set(stage.name, root);
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error('there is no FROM');
  await start(last, join(options.work, `stage-${stages.length - 1}`), options.port);
}

function build(stage: ContainerStage, root: string, roots: ReadonlyMap<string, string>, options: ContainerRun): void {
  const values: Record<string, string> = {};
  let folder = root;
  for (const { keyword, rest, line } of stage.instructions) {
    if (keyword === 'ARG')
      Object.assign(values, { ...membersOf(rest), ...only(options.arguments, Object.keys(membersOf(rest))) });
    else if (keyword === 'ENV') Object.assign(values, membersOf(rest));
    else if (keyword === 'WORKDIR') {
      folder = join(root, rest);
      mkdirSync(folder, { recursive: true });
    } else if (keyword === 'COPY') copy(rest, root, folder, roots, options.context);
    else if (keyword === 'RUN') {
      const environment = { ...process.env, ...values, npm_config_prefer_offline: 'true' };
      try {
        mustRun('/bin/sh', ['-ec', rooted(rest, root)], { folder, environment });
      } catch (error) {
        throw new Error(`Containerfile:${line}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
}

function copy(rest: string, root: string, folder: string, roots: ReadonlyMap<string, string>, context: string): void {
  const [, from, source = '', target = ''] = /^(?:--from=(\S+)\s+)?(\S+)\s+(\S+)$/.exec(rest) ?? [];
  const origin = from === undefined ? context : roots.get(from);
  if (origin === undefined) throw new Error(`COPY ${rest}: there is no stage ${from}`);
  const destination = target.startsWith('/') ? join(root, target) : join(folder, target);
  mkdirSync(dirname(destination), { recursive: true });
  cpSync(join(origin, source), destination, { recursive: true });
}

async function start(stage: ContainerStage, root: string, port: number): Promise<void> {
  const volume = join(root, lastOf(stage, 'VOLUME') ?? '');
  const [uid, gid] = (lastOf(stage, 'USER') ?? '').split(':').map(Number);
  const isRoot = process.getuid?.() === 0;
  const values = Object.assign(
    {},
    ...stage.instructions.filter(({ keyword }) => keyword === 'ENV').map(({ rest }) => membersOf(rest)),
  );
  const environment = { PATH: process.env.PATH, ...values, FBCENTER_PORT: String(port) };
  const settings = {
    cwd: join(root, lastOf(stage, 'WORKDIR') ?? ''),
    env: environment,
    ...(isRoot ? { uid, gid } : {}),
  };
  const words = [
    ...(wordsOf(lastOf(stage, 'ENTRYPOINT') ?? '[]') ?? []),
    ...(wordsOf(lastOf(stage, 'CMD') ?? '[]') ?? []),
  ];
  const [program = '', ...args] = words.map((word) => rooted(word, root));
  const before = filesOutside(root, volume);
  const child = spawn(program, args, { ...settings, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data));
  child.stderr.on('data', (data: Buffer) => (output += data));
  const closed = once(child, 'close');
  try {
    const check = wordsOf((lastOf(stage, 'HEALTHCHECK') ?? '').replace(/^.*?CMD\s+/, '')) ?? [];
    if (!(await isHealthy(check, settings, () => child.exitCode !== null)))
      throw new Error(`the health check is not content:\n${output}`);
    child.kill('SIGTERM');
    const [code] = await closed;
    if (code !== 0) throw new Error(`it has ended with ${code}:\n${output}`);
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
  const added = filesOutside(root, volume).filter((file) => !before.includes(file));
  if (added.length > 0) throw new Error(`written outside of the volume: ${added.join(', ')}`);
  if (readdirSync(volume).length === 0) throw new Error('nothing was written into the volume');
}

async function isHealthy(
  [program = '', ...args]: readonly string[],
  settings: object,
  isOver: () => boolean,
): Promise<boolean> {
  for (const start = performance.now(); performance.now() - start < PATIENCE && !isOver(); ) {
    const check = spawn(program, args, { ...settings, stdio: 'ignore' });
    const [code] = await once(check, 'close');
    if (code === 0) return true;
    await sleep(200);
  }
  return false;
}

function filesOutside(root: string, volume: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => join(root, file))
    .filter((file) => !file.startsWith(volume) && existsSync(file) && statSync(file).isFile());
}

/** A path within the image is one within its root. */
function rooted(text: string, root: string): string {
  return text.replaceAll(/(?<![\w.:/])\/(?=(?:opt|var|etc)\/)/g, `${root}/`);
}

function only(values: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}
