import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program of a Go module. */
export interface GoProgram {
  readonly title: string;
  readonly module: string;
  readonly version: string;
  /** Its package within the module. */
  readonly folder: string;
  /** Of Go, at the least. */
  readonly go: string;
}

/** Between two lines about a build that goes on, in milliseconds. */
const PROGRESS = 15_000;

/**
 * The program, built once for each version. It is built in a copy of its module, and not by `go install`, which refuses modules that replace some of
 * what they depend on.
 *
 * @returns its path.
 * @throws when it cannot be had, with what to do.
 */
export async function builtProgram(
  program: GoProgram,
  cache = join(tmpdir(), 'fbcenter-bench-peers'),
): Promise<string> {
  const { title, module, version } = program;
  const place = join(cache, `${module.replaceAll('/', '+')}@${version}`);
  const built = join(place, 'program');
  if (existsSync(built)) return built;
  const found = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (found.status !== 0)
    throw new Error(`${title} is built by Go ${program.go} or later, and there is no "go": install it from go.dev`);
  mkdirSync(place, { recursive: true });
  console.log(`${title} ${version} is downloaded to ${place} …`);
  const downloaded = spawnSync('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: place,
    encoding: 'utf8',
  });
  const { Dir, Error: problem }: Downloaded = downloaded.stdout ? JSON.parse(downloaded.stdout) : {};
  if (Dir === undefined) {
    throw new Error(
      `${title} ${version} cannot be downloaded: ${problem ?? downloaded.stderr}\n` +
        'Go asks where GOPROXY says and checks what it gets where GOSUMDB says: see "go help environment".',
    );
  }
  const source = join(place, 'source');
  // What an earlier build has left that was stopped. The modules that Go keeps cannot be written to.
  rmSync(source, { recursive: true, force: true });
  cpSync(Dir, source, { recursive: true });
  spawnSync('chmod', ['-R', 'u+w', source]);
  console.log(`${title} is built by ${found.stdout.trim()}; that takes some minutes …`);
  await build(program, source, join(place, 'partial'));
  renameSync(join(place, 'partial'), built);
  rmSync(source, { recursive: true, force: true });
  return built;
}

/** What `go mod download -json` says. */
interface Downloaded {
  readonly Dir?: string;
  readonly Error?: string;
}

async function build({ title, folder }: GoProgram, source: string, output: string): Promise<void> {
  const begun = performance.now();
  const child = spawn('go', ['build', '-v', '-o', output, `./${folder}`], {
    cwd: source,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  // With -v there is a line for each package that was compiled.
  child.stderr.on('data', (text) => {
    said += text;
  });
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - begun) / 1_000);
    console.log(`  ${said.split('\n').length - 1} packages after ${seconds} s`);
  }, PROGRESS);
  try {
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${title} cannot be built:\n${said.split('\n').slice(-20).join('\n')}`);
  } finally {
    clearInterval(progress);
  }
}
