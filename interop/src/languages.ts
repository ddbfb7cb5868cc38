import { run } from '../../scripts/run.js';
import { CHROMIUM } from '../test/chromium.js';

/** What a language needs on the machine: programs, with what makes them say their version. */
const LANGUAGES = {
  'Node.js': [[process.execPath, '--version']],
  Python: [['python3', '--version']],
  Go: [['go', 'version']],
  Java: [
    ['java', '--version'],
    ['mvn', '--version'],
  ],
  Rust: [['cargo', '--version']],
  Chromium: [[CHROMIUM, '--version']],
} as const satisfies Readonly<Record<string, readonly (readonly [string, string])[]>>;

export type Language = keyof typeof LANGUAGES;

const known = new Map<Language, string | undefined>();

/** The version that the machine has, such as `Python 3.11.7`; `undefined` when it has none. */
export function languageOf(language: Language): string | undefined {
  if (!known.has(language)) known.set(language, ask(language));
  return known.get(language);
}

function ask(language: Language): string | undefined {
  const [first, ...others] = LANGUAGES[language].map(([program, option]) => run(program, [option]));
  if (first === undefined || ![first, ...others].every(({ ok }) => ok)) return undefined;
  const [version = ''] = /\d+(?:\.\d+)+/.exec(first.output) ?? [];
  return `${language} ${version}`;
}
