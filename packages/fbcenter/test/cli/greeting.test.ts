import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Center } from '../../src/center.js';
import { greeting } from '../../src/cli/greeting.js';
import type { CenterOptions } from '../../src/options.js';
import { anEnvironment } from '../support/environments.js';

const dev = anEnvironment('dev');
const prod = anEnvironment('a b');
const TOKEN = 'the-access-token-of-it';

function greet(
  options: CenterOptions,
  { made = [], token = false, isTerminal = false, environments = [dev] } = {} as {
    made?: readonly string[];
    token?: boolean;
    isTerminal?: boolean;
    environments?: readonly (typeof dev)[];
  },
): string {
  const center = {
    url: 'http://127.0.0.1:5100',
    environments,
    adminToken: TOKEN,
    made: { adminToken: token, environments: made },
  };
  return greeting(center as unknown as Center, options, isTerminal);
}

describe('what the command says once it runs', () => {
  it('is where it listens, where its data is, and what to do next', () => {
    const text = greet({ dataFolder: 'data' });
    expect(text).toMatch(/^fbcenter \d+\.\d+\.\d+\S* listens on http:\/\/127\.0\.0\.1:5100\n/);
    expect(text).toContain(`data: ${resolve('data')}\n`);
    expect(text).toMatch(/Ctrl-C stops it\.\n$/);
    expect(greet({})).toContain('data: in memory, gone when it stops\n');
  });

  it.each<[string, Parameters<typeof greet>[1], boolean]>([
    ['to a log, of what was there before', {}, false],
    ['to a log, of what this start has made', { made: ['dev'], token: true }, true],
    ['to a person', { isTerminal: true }, true],
  ])('shows credentials %s', (_, how, isShown) => {
    const text = greet({}, how);
    for (const credential of [dev.serverSecret, dev.clientSecret, TOKEN]) {
      expect(text.includes(credential), credential).toBe(isShown);
    }
    expect(text.includes('YOUR_TOKEN')).toBe(!isShown);
  });

  it('shows the secrets of a new environment alone, beside one that is kept', () => {
    const text = greet({}, { made: ['a b'], environments: [dev, prod] });
    expect(text).toContain(prod.serverSecret);
    expect(text).not.toContain(dev.serverSecret);
    expect(text).toContain('(kept; the page shows it, under Environments)');
  });

  it('never repeats what it was given, to nobody', () => {
    const options = {
      adminToken: TOKEN,
      environments: [{ key: 'dev', serverSecret: dev.serverSecret, clientSecret: [dev.clientSecret, 'x'.repeat(44)] }],
    };
    for (const isTerminal of [true, false]) {
      const text = greet(options, { isTerminal, made: ['dev'], token: true });
      for (const credential of [dev.serverSecret, dev.clientSecret, TOKEN]) expect(text).not.toContain(credential);
      expect(text).toContain('  server secret: (as given)\n  client secret: (2, as given)\n');
      expect(text).toContain('admin token: (as given)\n');
    }
  });

  it('says how to get at a token that is kept', () => {
    expect(greet({})).toMatch(/admin token: \(kept; .*--admin-token or FBCENTER_ADMIN_TOKEN replaces it\)/);
  });

  it('has a call that works in a shell, whatever the key of the environment', () => {
    expect(greet({}, { environments: [prod], isTerminal: true })).toContain(
      `curl -H "Authorization: Bearer ${TOKEN}" http://127.0.0.1:5100/api/v1/environments/a%20b/flags\n`,
    );
  });
});
