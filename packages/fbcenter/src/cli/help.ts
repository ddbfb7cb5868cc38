import { SETTINGS, type Setting } from './settings.js';

/** The text of `--help`. */
export function helpText(): string {
  const settings: readonly Setting[] = Object.values(SETTINGS);
  const lines = settings.map(({ flag, variable, value, help, fallback }) => {
    const usage = `--${flag}${value === undefined ? '' : ` ${value}`}`;
    const origin = fallback === undefined ? variable : `${variable}, default ${fallback}`;
    return `  ${usage.padEnd(30)}${help}\n${' '.repeat(32)}${origin}`;
  });
  return `fbcenter: a flag center that speaks FeatBit's server protocol

Usage: fbcenter [options]                  starts the center
       fbcenter backup FILE [options]      copies its data into a file, also while it runs
       fbcenter restore FILE [options]     puts such a copy in the place of its data, while it is stopped
       fbcenter migrate-to URL [options]   copies its data into a PostgreSQL, while it is stopped
       fbcenter experiment show KEY [options]   draws the results of an experiment of a center that runs
       fbcenter users invite [NAME [ROLE]] prints a link by which NAME comes in, or the first admin

${lines.join('\n')}
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
