import type { Install } from './install.js';
import { goModule, npmProgram, ownPackage, pipPackage } from './install.js';
import type { Language } from './languages.js';

/** What others have published and `npm run interop` runs. */
export interface Sdk {
  /** For `--only`. */
  readonly name: string;
  /** As its registry has it. */
  readonly package: string;
  readonly version: string;
  readonly language: Language;
  readonly install: Install;
  /** It asks the center for each value, and holds none. */
  readonly asksEachTime?: boolean;
  /** What it does itself, by step: known, and no fault of the center. */
  readonly faults?: Readonly<Record<string, string>>;
  /** What its values come from where they are not the center's, by name of a quirk; absent = its values are the center's. */
  readonly quirks?: readonly string[];
}

const DRIVERS = 'conformance/drivers';
const PYTHON = `${DRIVERS}/fb-python-sdk.py`;

/** The one place where versions are pinned. */
export const SDKS: readonly Sdk[] = [
  {
    name: 'fbclient',
    package: 'fbclient',
    version: '0.1.0',
    language: 'Node.js',
    install: ownPackage(`${DRIVERS}/fbclient.js`),
  },
  {
    name: 'node',
    package: '@featbit/node-server-sdk',
    version: '1.3.0',
    language: 'Node.js',
    install: npmProgram([`${DRIVERS}/featbit-node-server-sdk.js`, `${DRIVERS}/json-lines.js`]),
  },
  ...pythons({
    // Its metadata asks for Python 3.10 at most; it runs on later ones.
    '1.0.1': pipPackage(PYTHON, '--ignore-requires-python'),
    '1.1.10': pipPackage(PYTHON),
    '1.2.0': pipPackage(PYTHON),
    '1.2.1': pipPackage(PYTHON),
  }),
  {
    name: 'go',
    package: 'github.com/featbit/featbit-go-sdk',
    version: '1.1.2',
    language: 'Go',
    install: goModule(`${DRIVERS}/featbit-go-sdk.go`),
  },
];

function pythons(installs: Readonly<Record<string, Install>>): readonly Sdk[] {
  return Object.entries(installs).map(([version, install]) => ({
    name: `python-${version}`,
    package: 'fb-python-sdk',
    version,
    language: 'Python',
    install,
  }));
}
