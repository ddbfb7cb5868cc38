/** `npm run interop`: the SDKs and providers that others have published, as programs of their own, with the center. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CenterProcess } from './src/center.js';
import { FLAGS_AT_FIRST, SEGMENTS_AT_FIRST } from './src/flags.js';
import { languageOf } from './src/languages.js';
import { SDKS, type Sdk } from './src/sdks.js';
import { type Outcome, play, type Step } from './src/steps.js';

const say = (sdk: Sdk, text: string): void => console.log(`${sdk.name.padEnd(16)} ${text}`);

async function runOne(sdk: Sdk, center: CenterProcess, home: string) {
  if (languageOf(sdk.language) === undefined) {
    say(sdk, `not run: no ${sdk.language}`);
    return;
  }
  const folder = join(home, sdk.name);
  mkdirSync(folder);
  say(sdk, `${sdk.package} ${sdk.version}: installing …`);
  const installed = sdk.install(folder, sdk.package, sdk.version);
  const environment = await center.environment(sdk.name.replaceAll('.', '-'));
  await environment.load(FLAGS_AT_FIRST, SEGMENTS_AT_FIRST);
  const driven = await installed.launch();
  try {
    const scene = { sdk: driven, environment, asksEachTime: sdk.asksEachTime ?? false };
    return await play(scene, (step, outcome) => say(sdk, `${step.title.padEnd(10)} ${inWords(step, outcome)}`));
  } finally {
    await driven.end();
  }
}

function inWords(_: Step, outcome: Outcome): string {
  if (outcome.kind === 'well') return `well ${outcome.text}`;
  return outcome.kind === 'fault' ? `NOT WELL: ${outcome.seen}` : 'it has no such thing';
}

const home = mkdtempSync(join(tmpdir(), 'fbcenter-interop-'));
const center = new CenterProcess(join(home, 'center'));
await center.start();
const only = process.argv.slice(2);
for (const sdk of SDKS) {
  if (only.length > 0 && !only.includes(sdk.name)) continue;
  await runOne(sdk, center, home);
}
await center.kill();
rmSync(home, { recursive: true, force: true });
