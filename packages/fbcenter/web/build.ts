/**
 * Builds the page into dist/web: bundled and hashed by Vite, compressed here once and for all, with a list of the files for the
 * server. Fails when the page has become larger than it may be.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { sizeProblems, sizesOf } from './page-size.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** A smaller file gains nothing: it fits into one packet as it is. */
const WORTH_COMPRESSING = 600;

const here = fileURLToPath(new URL('.', import.meta.url));
const target = join(here, '../dist/web');

await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
const files = readdirSync(target, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(target, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
const listed = files.map((name) => [name, listingOf(name)] as const);
writeFileSync(join(target, 'manifest.json'), `${JSON.stringify({ files: Object.fromEntries(listed) }, null, 1)}\n`);

const problems = sizeProblems(sizesOf(target));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

/** What the server has to know of a file; writes its compressed forms beside it. */
function listingOf(name: string) {
  const type = TYPES[extname(name)];
  if (type === undefined) throw new Error(`the build made ${name}, whose type is not known here`);
  const content = readFileSync(join(target, name));
  const tag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  const encodings = content.length < WORTH_COMPRESSING ? [] : ['br', 'gzip'];
  if (encodings.length > 0) {
    const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    writeFileSync(join(target, `${name}.br`), brotliCompressSync(content, { params: quality }));
    writeFileSync(join(target, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
  return { type, tag, isImmutable: name.startsWith('assets/'), encodings };
}
