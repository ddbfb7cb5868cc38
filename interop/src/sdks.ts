import type { QuirkName } from './compare/quirks.js';
import type { Install } from './install.js';
import { cargoCrate, goModule, mavenArtifact, npmProgram, ownPackage, page, pipPackage } from './install.js';
import type { Language } from './languages.js';
import type { Reports } from './steps.js';

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
  /** @default 'all' */
  readonly reports?: Reports;
  /** What it does itself, by step: known, and no fault of the center. */
  readonly faults?: Readonly<Record<string, string>>;
  /** One line for each thing to know of it that no step shows. */
  readonly notes?: readonly string[];
  /** How its values come about where they are not the center's; absent = it evaluates nothing itself, and is not compared. */
  readonly quirks?: readonly QuirkName[];
}

const DRIVERS = 'conformance/drivers';
const OPENFEATURE_PYTHON = 'interop/drivers/openfeature-providers.py';
const PAGE = 'interop/drivers/page.js';
const WEB = 'interop/drivers/openfeature-web.js';
const PYTHON = `${DRIVERS}/fb-python-sdk.py`;

const OPENFEATURE_WEB = ['@openfeature/web-sdk@1.10.0', '@openfeature/core@1.12.0'];

const UNMARKED = 'evaluations are sent without `sendToExperiment`, so none counts in an experiment';

/** The one place where versions are pinned. */
export const SDKS: readonly Sdk[] = [
  {
    name: 'fbclient',
    package: 'fbclient',
    version: '0.1.0',
    language: 'Node.js',
    install: ownPackage(`${DRIVERS}/fbclient.js`),
    quirks: [],
  },
  {
    name: 'node',
    package: '@featbit/node-server-sdk',
    version: '1.3.0',
    language: 'Node.js',
    install: npmProgram([`${DRIVERS}/featbit-node-server-sdk.js`, `${DRIVERS}/json-lines.js`]),
    faults: { archive: 'an archived flag is served on: `isArchived` is not looked at' },
    quirks: [
      'serves-archived',
      'swapped-pattern',
      'absent-throws',
      'absent-not-equal',
      'number-beginning',
      'dispatch-undefined',
    ],
  },
  // Its metadata asks for Python 3.10 at most; it runs on later ones.
  python('1.0.1', pipPackage(PYTHON, '--ignore-requires-python'), {
    notes: ['pip takes it for Python 3.10 and before only; it was run on the one above'],
  }),
  python('1.1.10', pipPackage(PYTHON)),
  python('1.2.0', pipPackage(PYTHON)),
  python('1.2.1', pipPackage(PYTHON), { faults: { experiments: UNMARKED } }),
  {
    name: 'go',
    package: 'github.com/featbit/featbit-go-sdk',
    version: '1.1.2',
    language: 'Go',
    install: goModule(`${DRIVERS}/featbit-go-sdk.go`),
    notes: [
      'of a patch with several documents it drops for good what is older than one that it has taken; fbcenter sends it everything instead',
      'an event has for each attribute of its user one more, with an empty name and value',
    ],
    quirks: [
      'absent-negative',
      'empty-is-absent',
      'names-in-any-case',
      'number-go',
      'json-of-its-type',
      'ascii-pattern',
    ],
  },
  {
    name: 'java',
    package: 'co.featbit:featbit-java-sdk',
    version: '1.4.4',
    language: 'Java',
    install: mavenArtifact(`${DRIVERS}/featbit-java-sdk.java`),
    quirks: ['absent-negative', 'whole-pattern', 'number-digits', 'ascii-pattern', 'names-in-any-case'],
  },
  {
    name: 'rust',
    package: 'featbit-server-sdk',
    version: '0.1.1',
    language: 'Rust',
    install: cargoCrate(`${DRIVERS}/featbit-server-sdk.rs`, 'serde_json = "1"'),
    quirks: ['absent-empty', 'number-rust'],
    notes: [
      'an environment whose full message is larger than 1 MiB never starts it, and only a line of level Debug says why; `max_ws_message_size` raises that',
      'it drops a message with a null operator, which FeatBit sends in each condition on segments; fbcenter sends a text there',
    ],
  },
  {
    name: 'openfeature-python',
    package: 'featbit-openfeature-server',
    version: '0.1.0',
    language: 'Python',
    install: pipPackage(`${OPENFEATURE_PYTHON} featbit`, 'fb-python-sdk==1.2.1', 'openfeature-sdk==0.10.0'),
    faults: { experiments: UNMARKED },
  },
  {
    name: 'ofrep-python',
    package: 'openfeature-provider-ofrep',
    version: '0.3.0',
    language: 'Python',
    install: pipPackage(`${OPENFEATURE_PYTHON} ofrep`, 'openfeature-sdk==0.10.0'),
    asksEachTime: true,
    reports: 'nothing',
    faults: {
      values: '`get_float_value` gives the default for a whole number: it takes the `0` of JSON for an integer',
    },
  },
  {
    name: 'ofrep-go',
    package: 'github.com/open-feature/go-sdk-contrib/providers/ofrep',
    version: '0.1.7',
    language: 'Go',
    install: goModule('interop/drivers/ofrep.go'),
    asksEachTime: true,
    reports: 'nothing',
    faults: { off: 'a flag that is off gives the application’s default and not its off variation' },
  },
  {
    name: 'ofrep-node',
    package: '@openfeature/ofrep-provider',
    version: '0.1.3',
    language: 'Node.js',
    install: npmProgram(
      ['interop/drivers/openfeature-ofrep-server.js', `${DRIVERS}/json-lines.js`],
      '@openfeature/server-sdk@1.23.0',
      '@openfeature/core@1.12.0',
      '@openfeature/ofrep-core@0.1.4',
    ),
    asksEachTime: true,
    reports: 'nothing',
  },
  {
    name: 'ofrep-web',
    package: '@openfeature/ofrep-web-provider',
    version: '0.4.3',
    language: 'Chromium',
    install: page(['interop/drivers/openfeature-ofrep-web.js', WEB, PAGE], ...OPENFEATURE_WEB),
    reports: 'nothing',
  },
  {
    name: 'js',
    package: '@featbit/js-client-sdk',
    version: '4.2.15',
    language: 'Chromium',
    install: page(['interop/drivers/featbit-js-client.js', PAGE]),
    faults: { archive: 'an archived text flag is `null` and not the application’s default' },
  },
  {
    name: 'react',
    package: '@featbit/react-client-sdk',
    version: '4.2.15',
    language: 'Chromium',
    install: page(['interop/drivers/featbit-react-client.js', PAGE], 'react@19.3.1', 'react-dom@19.3.1'),
    notes: ['an archived flag is `null` in `useFlags()`; the step takes `?? fallback` for the default'],
  },
  {
    name: 'openfeature-js',
    package: '@featbit/openfeature-provider-js-client',
    version: '4.2.8',
    language: 'Chromium',
    // It takes this one version of FeatBit's SDK.
    install: page(
      ['interop/drivers/openfeature-js-client.js', WEB, PAGE],
      '@featbit/js-client-sdk@4.2.8',
      ...OPENFEATURE_WEB,
    ),
    reports: 'evaluations',
  },
];

function python(version: string, install: Install, others: Partial<Sdk> = {}): Sdk {
  return {
    name: `python-${version}`,
    package: 'fb-python-sdk',
    version,
    language: 'Python',
    install,
    quirks: ['absent-negative', 'number-python', 'names-in-any-case'],
    ...others,
  };
}
