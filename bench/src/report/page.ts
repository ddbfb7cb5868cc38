import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/**
 * Replaces a generated part of a Markdown page: what is between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 *
 * @throws when the page has no such markers.
 */
export function replacePart(page: string, name: string, text: string): string {
  const begin = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

export function updatePage(file: URL, parts: ReadonlyMap<string, string>): void {
  let page = readFileSync(file, 'utf8');
  for (const [name, text] of parts) page = replacePart(page, name, text);
  writeFileSync(file, page);
}

/** What the figures were measured on and when, as one line. @param more what else matters, each as a few words. */
export function circumstances(versions: ReadonlyMap<string, string>, ...more: readonly string[]): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}`;
  const packages = [...versions].map(([name, version]) => `${name} ${version}`).join(', ');
  const date = new Date().toISOString().slice(0, 10);
  const measured = `${date}, ${machine}, Node.js ${process.versions.node}, ${process.platform} ${process.arch}`;
  return `_${[measured, ...(packages === '' ? [] : [packages]), ...more].join('; ')}._`;
}
