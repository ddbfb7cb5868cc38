import { RELAY_SETTINGS } from './relay-settings.js';
import { SETTINGS, type SettingsTable } from './settings.js';

/** The text of `--help`. */
export function helpText(): string {
  return `fbcenter: a flag center that speaks FeatBit's server protocol

Usage: fbcenter [options]                  starts the center
       fbcenter relay [options]            starts a relay in front of a center or of FeatBit: fbcenter relay --help
       fbcenter backup FILE [options]      copies its data into a file, also while it runs
       fbcenter restore FILE [options]     puts such a copy in the place of its data, while it is stopped
       fbcenter migrate-to URL [options]   copies its data into a PostgreSQL, while it is stopped
       fbcenter experiment show KEY [options]   draws the results of an experiment of a center that runs
       fbcenter users invite [NAME [ROLE]] prints a link by which NAME comes in, or the first admin

${settingLines(SETTINGS)}
  --force                       backup, restore, migrate-to: replace what is there already
  --watch                       experiment: draw it again every two seconds, until Ctrl-C
  --help                        this text
  --version                     the version

Secrets and the token that are not given are made at the first start and kept with the data.
Each variable can name a file instead: FBCENTER_ADMIN_TOKEN_FILE=/run/secrets/token.
Give secrets by variable or file: other users of the machine can see the flags of a process.
SIGINT (Ctrl-C) and SIGTERM stop the center.
`;
}

/** The text of `relay --help`. */
export function relayHelpText(): string {
  return `fbcenter relay: stands between SDKs and a center, FeatBit or another relay

Usage: fbcenter relay --upstream URL --server-secret SECRET [options]
       fbcenter relay --upstream URL --relay-key KEY [options]      upstream says which environments there are
       fbcenter relay --relay-key KEY [options]                     filled by POST /api/public/proxy/bootstrap

${settingLines(RELAY_SETTINGS)}
  --help                        this text

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
