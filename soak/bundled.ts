import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Makes a program of the soaks one file for plain Node.js, with the sources of this workspace in it. What is measured in a process
 * must not have the loader of TypeScript in it, which takes more memory than a flag center does.
 *
 * @returns the path of the file.
 */
export async function bundled(source: URL): Promise<string> {
  // Inside of the workspace: what is not bundled is found from where the file is.
  const outfile = fileURLToPath(
    new URL(`./dist/${source.pathname.replace(/^.*\/soak\//, '').replace(/\.ts$/, '')}.js`, import.meta.url),
  );
  await build({
    entryPoints: [fileURLToPath(source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    conditions: ['fbclient-source'],
    external: ['libsql', 'ws', 'fastify', 'light-my-request', 'openid-client'],
    logLevel: 'error',
  });
  return outfile;
}
