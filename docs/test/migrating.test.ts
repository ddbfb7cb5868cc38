import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FbClientBuilder, UserBuilder } from '@featbit/node-server-sdk';
import { describe, expect, it } from 'vitest';
import { ROOT } from './pages.js';

const page = readFileSync(join(ROOT, 'docs/migrating.md'), 'utf8');
const section = page.slice(page.indexOf('## From @featbit/node-server-sdk'), page.indexOf('## From LaunchDarkly'));

const methodsOf = (type: { readonly prototype: object }): string[] =>
  Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor');

/** The client's methods, which an interface has; `evaluateCore` is the SDK's own. */
function clientMethods(): string[] {
  const entry = createRequire(import.meta.url).resolve('@featbit/node-server-sdk');
  const declarations = readFileSync(join(entry, '../IFbClientCore.d.ts'), 'utf8');
  return [...declarations.matchAll(/^ {4}(\w+)[(<]/gm)]
    .map(([, name = '']) => name)
    .filter((n) => n !== 'evaluateCore');
}

describe('the guide from @featbit/node-server-sdk', () => {
  it.each([
    ['the client', clientMethods()],
    ['the builder of options', methodsOf(FbClientBuilder)],
    ['the builder of users', methodsOf(UserBuilder)],
  ])('names every method of %s', (_, methods) => {
    expect(methods.length).toBeGreaterThan(2);
    // `…VariationDetail` stands for all of them.
    const isNamed = (name: string): boolean =>
      new RegExp(`\\b${name}\\b`).test(section) || /^\w+VariationDetail$/.test(name);
    expect(methods.filter((name) => !isNamed(name))).toEqual([]);
  });
});
