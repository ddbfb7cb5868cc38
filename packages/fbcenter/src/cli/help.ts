import { RELAY_SETTINGS } from './relay-settings.js';
import { SETTINGS, type SettingsTable } from './settings.js';
import { RUN_OPTIONS, type RunOptionName, VERBS, type Verb, type VerbName } from './verbs.js';

const WIDTH = 110;

const SENTENCES = [
  'Secrets and the token that are not given are made at the first start and kept with the data.',
  'Each variable can name a file instead: FBCENTER_ADMIN_TOKEN_FILE=/run/secrets/token; so can the flag of a credential: --admin-token-file.',
  'FBCENTER_CONFIG or --config names a file of settings; the command line comes before variables, and those before the file.',
  'Give secrets by variable or file: other users of the machine can see the flags of a process.',
  'Commands end with 0, with 1 when they failed or found a difference, with 2 when they were called wrongly.',
  'SIGINT (Ctrl-C) and SIGTERM stop the center.',
];

/** The text of `--help`. */
export function helpText(): string {
  const commands = Object.values(VERBS).flatMap(({ usage, help }: Verb) => {
    const [first = '', ...more] = usage.map((line) => `  fbcenter ${line}`.trimEnd());
    return [`${first.padEnd(38)}${first.length < 37 ? '' : ' '}${help}`, ...more];
  });
  return `fbcenter: a flag center that speaks FeatBit's server protocol

Usage: fbcenter [COMMAND] [options]; fbcenter COMMAND --help says what one takes

${wrapped(commands)}

Settings:

${settingLines(SETTINGS)}

${wrapped(SENTENCES)}
`;
}

/** The settings that say what a command works on, and where. Without an environment it is the only one there is. */
const PLACES: Readonly<Record<NonNullable<Verb['on']>, SettingsTable>> = {
  data: {
    url: SETTINGS.url,
    adminToken: SETTINGS.adminToken,
    dataFolder: SETTINGS.dataFolder,
    database: SETTINGS.database,
    environments: {
      flag: 'environment',
      variable: 'FBCENTER_ENVIRONMENT',
      value: 'KEY',
      help: 'the environment, if there are several',
    },
  },
  folder: { dataFolder: SETTINGS.dataFolder },
};

const WHERE: Readonly<Record<NonNullable<Verb['on']>, string>> = {
  data: 'With --url it asks the center there, otherwise it works on the folder or database here, also while a center uses it.',
  folder: 'It works on the folder here.',
};

/** The text of `COMMAND --help`. */
export function verbHelpText(name: VerbName): string {
  const { usage, help, takes, on, more }: Verb = VERBS[name];
  const options = [...takes, 'config', 'help'] as const;
  const parts = [
    help,
    `Usage:\n${usage.map((line) => `  fbcenter ${line} [options]`).join('\n')}`,
    ...(more === undefined ? [] : [wrapped([more])]),
    [...options.map(optionLine), ...(on === undefined ? [] : [settingLines(PLACES[on])])].join('\n'),
    ...(on === undefined ? [] : [WHERE[on]]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The text of `relay --help`. */
export function relayHelpText(): string {
  return `fbcenter relay: stands between SDKs and a center, FeatBit or another relay

Usage: fbcenter relay --upstream URL --server-secret SECRET [options]
       fbcenter relay --upstream URL --relay-key KEY [options]      upstream says which environments there are
       fbcenter relay --relay-key KEY [options]                     filled by POST /api/public/proxy/bootstrap

${settingLines(RELAY_SETTINGS)}
${optionLine('config')}
${optionLine('help')}

SDKs use the relay's address as streaming, event and polling URL, with the secrets that they have. It serves them from memory and, while
upstream is away, from its last snapshot; GET /health says how old that is. What SDKs report is kept until upstream has taken it.
Each variable can name a file instead: FBRELAY_SERVER_SECRET_FILE=/run/secrets/server-secret.
Give secrets by variable or file: other users of the machine can see the flags of a process.
SIGINT (Ctrl-C) and SIGTERM stop the relay.
`;
}

/** The lines that say what can be set. */
function settingLines(settings: SettingsTable): string {
  const lines = Object.values(settings).map(({ flag, variable, value, help, fallback }) => {
    const usage = `--${flag}${value === undefined ? '' : ` ${value}`}`;
    const origin = fallback === undefined ? variable : `${variable}, default ${fallback}`;
    return `  ${usage.padEnd(30)}${help}\n${' '.repeat(32)}${origin}`;
  });
  return lines.join('\n');
}

function optionLine(name: RunOptionName): string {
  const option: { readonly value?: string; readonly short?: string; readonly help: string } = RUN_OPTIONS[name];
  const { value, short, help } = option;
  const usage = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
  return `  ${usage.padEnd(30)}${help}`;
}

/** Breaks lines that are too long for a terminal, between words; what follows stands under the second column. */
function wrapped(lines: readonly string[]): string {
  return lines
    .flatMap((line) => {
      const parts: string[] = [];
      let rest = line;
      while (rest.length > WIDTH) {
        const at = rest.lastIndexOf(' ', WIDTH);
        parts.push(rest.slice(0, at));
        rest = `${line.startsWith(' ') ? ' '.repeat(38) : ''}${rest.slice(at + 1)}`;
      }
      return [...parts, rest];
    })
    .join('\n');
}
