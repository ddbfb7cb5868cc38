/** The text of `--help`. */
export const HELP = `fbclient: types and checks from the flags of an environment

Usage: fbclient types [options]            writes the flags as a TypeScript interface, Flags
       fbclient scan [FOLDER…] [options]   compares the keys in code with the flags

Where the flags are, for both:
  --url URL             the flag server; FB_URL
  --secret-file FILE    a file with the environment's server secret; otherwise FB_SECRET
  --file FILE           a file instead: what GET /api/public/sdk/server/latest-all answers

types:
  --out FILE            the file to write, such as src/flags.d.ts; otherwise the standard output
  --check               writes nothing; fails when the file is not current, and says what has changed
  --watch               goes on: looks every 2 seconds, and writes when the flags have changed; Ctrl-C ends it
  --openfeature         for OpenFeature's clients instead: the keys of each type
  --tag TAG             only flags with this tag; several: flags with any of them
  --include-archived    archived flags too, marked as deprecated

scan: folders to read, by default the current one. It reads JavaScript, TypeScript, Vue, Svelte and Astro, and leaves out
node_modules, built folders, hidden ones and .d.ts files.
  --fail-unused         fails as well when there are flags that no code names

  --help                this text
  --version             the version

Exit code: 0 all is well; 1 --check or scan has found something; 2 it could not be done, and the message says why.
The secret is sent to the server in a header, and printed nowhere.
`;
