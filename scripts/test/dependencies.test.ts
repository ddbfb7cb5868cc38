import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../run.js';
import { publicPackages } from '../workspaces.js';

/** What an application gets with each package for its process: a new one is a decision (docs/decisions/package-shape.md). */
const EXPECTED: Readonly<Record<string, { dependencies: readonly string[]; peers: readonly string[] }>> = {
  fbclient: { dependencies: ['proxy-from-env', 're2js', 'undici', 'ws'], peers: [] },
  'fbclient-openfeature': {
    dependencies: [],
    peers: ['@openfeature/core', '@openfeature/server-sdk', 'fbclient'],
  },
  'fbclient-otel': { dependencies: [], peers: ['@opentelemetry/api', 'fbclient'] },
};

interface Wanted {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, Wanted>> } = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
);

describe.each(Object.entries(EXPECTED))('%s', (name, { dependencies, peers }) => {
  const manifest = publicPackages().find((one) => one.manifest.name === name)?.manifest as Wanted | undefined;

  it('has these dependencies and peers, and no other', () => {
    expect(Object.keys(manifest?.dependencies ?? {}).toSorted()).toEqual(dependencies);
    expect(Object.keys(manifest?.peerDependencies ?? {}).toSorted()).toEqual(peers);
    expect(manifest?.optionalDependencies).toBeUndefined();
  });

  it('brings nothing that its dependencies need', () => {
    const own = dependencies.map((dependency) => lock.packages[`node_modules/${dependency}`]);
    expect(own.map((one) => one?.dependencies)).toEqual(dependencies.map(() => undefined));
  });
});
