/** `npm start`: a flag center with a demo environment, and a shop that uses it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Center, InvalidConfigError, startCenter } from 'fbcenter';
import { demoEnvironment } from './environment.js';
import { DemoExperiment } from './experiment.js';
import type { ShopMessage } from './messages.js';
import { Screen } from './screen.js';

const HELP = `Starts a flag center on 127.0.0.1 and a demo shop that uses it.

  npm start -- [--port N] [--data FOLDER]

  --port N       port of the flag center, 0 = any free one (5100)
  --data FOLDER  where the flags are kept; delete it to begin anew (demo/.demo-data)
  --help         this text
`;

/** Seconds between two looks at the experiment. */
const EXPERIMENT_INTERVAL = 10;

/** Seconds between two lines of figures where nothing can be rewritten. */
const QUIET_INTERVAL = 5;

/** npm passes a Ctrl-C on that the terminal has already brought: within so many milliseconds two are one. */
const SAME_CTRL_C = 500;

const screen = new Screen(process.stdout);

try {
  const { port, data, help } = readOptions();
  if (help) {
    process.stdout.write(HELP);
  } else {
    await run(await startCenter({ port, dataFolder: data, environments: [demoEnvironment] }));
  }
} catch (error) {
  const isMisuse = error instanceof InvalidConfigError;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isMisuse ? `\n${HELP}` : ''}`);
  process.exitCode = isMisuse ? 2 : 1;
}

/** @throws InvalidConfigError when the command line cannot be understood. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '5100' },
        data: { type: 'string', default: fileURLToPath(new URL('../.demo-data', import.meta.url)) },
        help: { type: 'boolean', default: false },
      },
    });
    // An empty text would be the number 0.
    return { ...values, port: /^\d+$/.test(values.port) ? Number(values.port) : Number.NaN };
  } catch (error) {
    const [message = ''] = error instanceof Error ? error.message.split('. ') : [];
    throw new InvalidConfigError([{ option: 'command line', message }]);
  }
}

async function run(center: Center): Promise<void> {
  const secret = center.environments.find(({ key }) => key === demoEnvironment.key)?.serverSecret ?? '';
  const experiment = new DemoExperiment(center);
  await experiment.prepare();
  introduce(center, secret, await center.firstAdminLink());
  const commits = new Map<string, number>();
  let accepted = 0;
  center.onCommit(({ kind, key, committedAt }) => commits.set(`${kind} ${key}`, committedAt));
  center.onInsights(({ evaluations, metrics, identifications }) => {
    accepted += evaluations + metrics + identifications;
  });
  const shop = fork(fileURLToPath(new URL('./shop.ts', import.meta.url)), [center.url, secret]);
  let seconds = 0;
  shop.on('message', (message: ShopMessage) => {
    switch (message.type) {
      case 'started':
        screen.line(`shop          ${message.result} after ${message.milliseconds.toFixed(0)} ms`);
        break;
      case 'status':
        screen.line(`shop          ${message.status}${message.problem === undefined ? '' : `: ${message.problem}`}`);
        break;
      case 'changed':
        screen.line(`${time()} changed  ${describeChange(message, commits)}`);
        break;
      case 'second': {
        seconds += 1;
        const figures = `${message.evaluations} evaluations/s · ${message.visitors} visitors/s · ${message.purchases} purchases/s · ${accepted} events accepted by the center`;
        screen.status(`${time()} ${figures}`);
        if (!screen.rewrites && seconds % QUIET_INTERVAL === 1) screen.line(`${time()} ${figures}`);
        if (seconds % EXPERIMENT_INTERVAL === 0) void showExperiment(experiment);
      }
    }
  });
  await Promise.race([interrupted(), once(shop, 'exit')]);
  screen.endStatus();
  screen.line('stopping …');
  await stopShop(shop);
  await center.close();
  screen.line('stopped; the next start has the flags as they are now');
}

async function showExperiment(experiment: DemoExperiment): Promise<void> {
  const report = await experiment.report(screen.columns);
  if (report === undefined) return;
  for (const line of report.split('\n')) screen.line(report.startsWith('\n') ? line : `${time()} ${line}`);
}

function introduce({ url, adminToken }: Center, secret: string, link: string | undefined): void {
  const toggle = `${url}/api/v1/environments/${demoEnvironment.key}/flags/new-checkout/toggle`;
  const way =
    link === undefined
      ? `open ${url} in a browser and sign in with your name, or with the access token\n  ${adminToken}`
      : `open this link in a browser: it works once, and makes you the first admin\n  ${link}`;
  screen.line(`
flag center   ${url}
server secret: ${secret}
flags         ${demoEnvironment.flags.map(({ key }) => key).join(', ')}

${way}
toggle a flag there and watch (a change shows below), or without a browser:
  curl -X POST -H "Authorization: Bearer ${adminToken}" ${toggle}
an experiment runs on the flag buy-button; its result shows below, and in another terminal with
  npx fbcenter experiment show friendly-button --watch --environment ${demoEnvironment.key} --url ${url} --admin-token ${adminToken}
what has arrived:
  curl -H "Authorization: Bearer ${adminToken}" ${url}/api/v1/environments/${demoEnvironment.key}/insights
stop: Ctrl-C
`);
}

/** A change with the time from the center's commit to the SDK's listener; a flag may change because its segment did. */
function describeChange(
  { flagKey, at, shares }: ShopMessage & { readonly type: 'changed' },
  commits: ReadonlyMap<string, number>,
): string {
  const ofSegments = [...commits].filter(([what]) => what.startsWith('segment ')).map(([, when]) => when);
  const committedAt = Math.max(commits.get(`flag ${flagKey}`) ?? 0, ...ofSegments);
  const delay = committedAt === 0 ? '' : `   (${(at - committedAt).toFixed(1)} ms from commit to listener)`;
  return `${flagKey} → ${shares}${delay}`;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const stop = (): void => {
      first ??= performance.now();
      // A second Ctrl-C does not wait for anything.
      if (performance.now() - first > SAME_CTRL_C) process.exit(130);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

async function stopShop(shop: ChildProcess): Promise<void> {
  if (shop.exitCode !== null || shop.signalCode !== null) return;
  const exited = once(shop, 'exit');
  if (shop.connected) shop.send('stop');
  const impatience = setTimeout(() => shop.kill('SIGKILL'), 8_000);
  await exited;
  clearTimeout(impatience);
}

function time(): string {
  return new Date().toTimeString().slice(0, 8);
}
