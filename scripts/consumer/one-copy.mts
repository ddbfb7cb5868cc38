/** `import` and `require` of one package in one process are one copy: one singleton, one class for `instanceof`. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { get, setConfig } from 'fbclient';

const require = createRequire(import.meta.url);
const manifest = require('fbclient/package.json') as { exports: Record<string, unknown> };
const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'));
assert.ok(entries.includes('.'));
for (const entry of entries) {
  const name = `fbclient${entry.slice(1)}`;
  const imported = (await import(name)) as Record<string, unknown>;
  const required = require(name) as Record<string, unknown>;
  const names = Object.keys(imported);
  assert.ok(names.length > 0, `${name} exports nothing`);
  for (const key of names) assert.equal(imported[key], required[key], `${name} has two copies of ${key}`);
}

setConfig({ offline: true });
const { get: requiredGet } = require('fbclient') as { get: typeof get };
assert.equal(get(), requiredGet());
await get().close();
