/** `npm run field`: an SDK in front of a FeatBit server as it is in the field. */
import { writeFileSync } from 'node:fs';
import { Random } from '../random.js';
import { showLines } from '../show.js';
import type { Line } from '../verdict.js';
import { type FieldArguments, HELP, readArguments } from './arguments.js';
import type { Scene } from './scene.js';
import { SCENES } from './scenes/index.js';
import { type FieldSdk, sdkCalled } from './sdk.js';

interface SceneResult {
  readonly scene: string;
  readonly title: string;
  readonly seconds: number;
  readonly lines: readonly Line[];
}

const unhandled: string[] = [];
// An SDK that is tested must not end the command.
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
process.on('uncaughtException', (error) => unhandled.push(String(error)));

async function runScene(
  name: string,
  scene: Scene,
  { seed, quick }: FieldArguments,
  sdk: FieldSdk,
): Promise<SceneResult> {
  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / 1_000;
  const progress = (text: string): void => console.log(`${elapsed().toFixed(0).padStart(5)} s  ${text}`);
  console.log(`\n${name}: ${scene.title}`);
  unhandled.length = 0;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<readonly Line[]>((resolve) => {
    const line = { what: 'the scene', figure: `did not end within ${scene.limit} s`, good: false };
    timer = setTimeout(resolve, scene.limit * 1_000, [line]);
  });
  const lines = await Promise.race([scene.run({ sdk, random: new Random(seed), seed, quick, progress }), tooLong]);
  clearTimeout(timer);
  const lineOfUnhandled = { what: 'unhandled rejections and exceptions', figure: `${unhandled.length}` };
  const all = unhandled.length === 0 ? lines : [...lines, { ...lineOfUnhandled, good: false }];
  return { scene: name, title: scene.title, seconds: Math.round(elapsed()), lines: all };
}

async function run(given: FieldArguments): Promise<number> {
  const sdk = await sdkCalled(given.sdk);
  const options = `--seed ${given.seed}${given.quick ? ' --quick' : ''}`;
  console.log(`field: ${sdk.name} ${sdk.version}, ${options}, Node ${process.version.slice(1)}`);
  const results: SceneResult[] = [];
  for (const name of given.scenes) {
    const scene = SCENES[name];
    if (scene !== undefined) results.push(await runScene(name, scene, given, sdk));
  }
  for (const { scene, seconds, lines } of results) {
    console.log(`\n${scene} (${seconds} s)`);
    showLines(lines);
  }
  if (given.json !== undefined) {
    const { seed, quick } = given;
    const report = { sdk: sdk.name, version: sdk.version, seed, quick, date: new Date().toISOString(), results };
    writeFileSync(given.json, `${JSON.stringify(report, null, 1)}\n`);
  }
  return results.every(({ lines }) => lines.every(({ good }) => good !== false)) ? 0 : 1;
}

const given = readArguments(process.argv.slice(2));
if (given === 'help') {
  console.log(HELP);
} else if ('problem' in given) {
  console.error(`${given.problem}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  try {
    // An SDK's timers, or a scene that was given up, would keep the process alive.
    process.exit(await run(given));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}
