import { describe, expect, it } from 'vitest';
import { newSecret } from '../src/access/secrets.js';
import { InvalidConfigError } from '../src/errors.js';
import { type CenterOptions, DEFAULTS, resolveOptions } from '../src/options.js';
import { silentLogger } from '../src/runtime/log.js';

const SECRET = newSecret('11111111-1111-4111-8111-111111111111');

describe('options', () => {
  it('that are not given have defaults', () => {
    const operating = {
      accessLog: false,
      drain: { delay: 0, time: 0 },
      metrics: undefined,
      rateLimit: undefined,
      tls: undefined,
    };
    const defaults = {
      host: '127.0.0.1',
      port: 5_100,
      dataFolder: undefined,
      requireData: false,
      adminToken: undefined,
      rememberUsers: false,
      auditDays: undefined,
      missingAttribute: 'no-match',
      sendRuleNames: false,
      webhooksToPrivate: false,
      environments: [{ key: 'dev' }],
      logger: silentLogger,
    };
    expect(resolveOptions({})).toEqual({ ...defaults, ...operating });
    const names = Object.keys(defaults) as (keyof CenterOptions)[];
    expect(resolveOptions(Object.fromEntries(names.map((name) => [name, undefined])))).toEqual({
      ...defaults,
      ...operating,
    });
    expect(defaults).toMatchObject({ host: DEFAULTS.host, port: DEFAULTS.port });
  });

  it('that are given are taken', () => {
    const options = {
      host: '::1',
      port: 0,
      dataFolder: '/data',
      requireData: true,
      adminToken: 'open-sesame-open-sesame',
      rememberUsers: true,
      auditDays: 90,
      missingAttribute: 'empty-string' as const,
      sendRuleNames: true,
      webhooksToPrivate: true,
      environments: [{ key: 'a', name: 'A', serverSecret: SECRET, flags: [{}], segments: [] }],
      logger: { ...silentLogger },
    };
    expect(resolveOptions(options)).toMatchObject(options);
    const operating = {
      ...{ metricsPort: 0, metricsToken: 'the-token-of-prometheus', accessLog: true, rateLimit: 5 },
      ...{ drainDelay: 1, drainTime: 2, tlsCert: '/c', tlsKey: '/k' },
    };
    expect(resolveOptions(operating)).toMatchObject({
      metrics: { port: 0, token: 'the-token-of-prometheus' },
      accessLog: true,
      rateLimit: 5,
      drain: { delay: 1, time: 2 },
      tls: { cert: '/c', key: '/k' },
    });
    expect(resolveOptions({ environments: [] }).environments).toEqual([]);
  });

  it('are copied: later changes of the object have no effect', () => {
    const environment = { key: 'a', name: 'A' };
    const environments = [environment];
    const resolved = resolveOptions({ environments });
    environment.name = 'B';
    environments.push({ key: 'b', name: 'B' });
    expect(resolved.environments).toEqual([{ key: 'a', name: 'A' }]);
  });

  it('that cannot be used are refused all at once, in words that do not repeat a secret', () => {
    const bad = `${SECRET}!`;
    const options = {
      port: 1.5,
      adminToken: 'short',
      environments: [{ key: '' }, 5, { serverSecret: bad }, { key: 'a', clientSecret: bad, flags: 'x' }],
      nonsense: true,
    };
    const refusal = (() => {
      try {
        return resolveOptions(options as unknown as CenterOptions);
      } catch (error) {
        return error;
      }
    })();
    if (!(refusal instanceof InvalidConfigError)) throw new Error('not refused');
    expect(refusal.problems.map(({ option }) => option)).toEqual([
      'port',
      'adminToken',
      'nonsense',
      'environments[0].key',
      'environments[1]',
      'environments[2].serverSecret',
      'environments[2].key',
      'environments[3].clientSecret',
      'environments[3].flags',
    ]);
    for (const { option, message } of refusal.problems) expect(refusal.message).toContain(`${option}: ${message}`);
    expect(refusal.message).not.toContain(SECRET);
    expect(refusal.message).not.toContain('short');
  });

  it('with thousands of problems name twenty in the message, and all of them as data', () => {
    const environments = Array.from({ length: 5_000 }, () => ({ key: '' }));
    expect(() => resolveOptions({ environments })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/environments\[19\].*and 4980 more$/),
        problems: expect.objectContaining({ length: 5_000 }),
      }),
    );
  });
});
