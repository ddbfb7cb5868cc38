import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysOf, readConfigFile } from '../../src/cli/config-file.js';
import { SETTINGS, type Setting } from '../../src/cli/settings.js';
import type { ConfigProblem } from '../../src/errors.js';
import { check } from '../support/property.js';

function read(text: string) {
  const problems: ConfigProblem[] = [];
  const { entries } = readConfigFile('f.yaml', text, SETTINGS, problems);
  return {
    entries: Object.fromEntries([...entries].map(([key, entry]) => [key, [entry.line, entry.text]])),
    problems: problems.map(({ option, message }) => `${option}: ${message}`),
  };
}

describe('a config file', () => {
  it.each<[text: string, entries: object]>([
    ['', {}],
    ['# all of it is left out\n', {}],
    ['port: 5100\n', { port: [1, '5100'] }],
    ['# my center\n\nhost: 0.0.0.0 # every interface\nport: 80', { host: [3, '0.0.0.0'], port: [4, '80'] }],
    ['memory: true\nrequire-data: false', { memory: [1, 'true'], 'require-data': [2, 'false'] }],
    ['environment: dev', { environment: [1, 'dev'] }],
    ['environment: [dev, prod]', { environment: [1, 'dev,prod'] }],
    ['environment:\n  - dev\n  - prod\nport: 1', { environment: [1, 'dev,prod'], port: [4, '1'] }],
    ['environment: [2025, 007]', { environment: [1, '2025,007'] }],
    // As it is written, not as a number.
    ['admin-token: 00112233445566778899', { 'admin-token': [1, '00112233445566778899'] }],
    ['admin-token: 1e30', { 'admin-token': [1, '1e30'] }],
    ['admin-token-file: /run/secrets/token', { 'admin-token-file': [1, '/run/secrets/token'] }],
    ['oidc-roles: ["admins=admin", "*=viewer"]', { 'oidc-roles': [1, 'admins=admin,*=viewer'] }],
    ['{"port": 80, "host": "::1"}', { port: [1, '80'], host: [1, '::1'] }],
  ])('%j gives %j', (text, entries) => {
    expect(read(text)).toEqual({ entries, problems: [] });
  });

  it.each<[text: string, ...problems: string[]]>([
    ['prot: 80', 'f.yaml:1: prot: there is no such setting; did you mean port?'],
    ['host: h\nadminToken: x', 'f.yaml:2: adminToken: there is no such setting; did you mean admin-token?'],
    ['admin_token: x', 'f.yaml:1: admin_token: there is no such setting; did you mean admin-token?'],
    ['--port: 80', 'f.yaml:1: --port: there is no such setting; did you mean port?'],
    ['colour: red', 'f.yaml:1: colour: there is no such setting; fbcenter config schema lists all of them'],
    ['port-file: x', 'f.yaml:1: port-file: there is no such setting; fbcenter config schema lists all of them'],
    ['port:', 'f.yaml:1: port: there is no value; give one, or leave the line out'],
    ['port: [1, 2]', 'f.yaml:1: port: must be one value, such as PORT'],
    ['port: {a: 1}', 'f.yaml:1: port: must be one value, such as PORT'],
    ['port: true', 'f.yaml:1: port: must be one value, such as PORT'],
    ['memory: yes', 'f.yaml:1: memory: must be true or false'],
    ['memory: "true"', 'f.yaml:1: memory: must be true or false'],
    ['environment: []', 'f.yaml:1: environment: must be one value or a list of values, such as KEY[,KEY]'],
    ['environment: [[dev]]', 'f.yaml:1: environment: must be one value or a list of values, such as KEY[,KEY]'],
    ['environment: ["a,b", c]', 'f.yaml:1: environment: must be one value or a list of values, such as KEY[,KEY]'],
    ['- port', 'f.yaml:1: a config file has lines such as "port: 5100"'],
    ['port', 'f.yaml:1: a config file has lines such as "port: 5100"'],
    ['port: 1\n---\nhost: h', 'f.yaml:3: there is a second document: a config file has one'],
    [
      'a: 1\nb: 2',
      'f.yaml:1: a: there is no such setting; fbcenter config schema lists all of them',
      'f.yaml:2: b: there is no such setting; fbcenter config schema lists all of them',
    ],
  ])('%j is refused: %s', (text, ...problems) => {
    expect(read(text).problems).toEqual(problems);
  });

  it('is refused with the line of a fault in its YAML, and when it is no file of settings', () => {
    expect(read('port: 1\nport: 2').problems).toEqual([expect.stringMatching(/^f\.yaml:2: is no YAML: /)]);
    expect(read(`port: 1 #${' '.repeat(1024 * 1024)}`).problems).toEqual([expect.stringMatching(/is larger than/)]);
  });

  it('never repeats what a credential is', () => {
    const texts = ['admin-token: [hidden-away]', 'database: {a: hidden-away}', 'server-secret: [[hidden-away]]'];
    for (const text of texts) expect(read(text).problems.join()).not.toContain('hidden-away');
  });

  it('takes a value of every setting, as the variable has it', async () => {
    const keys = [...keysOf(SETTINGS)];
    await check(
      fc.property(fc.constantFrom(...keys), fc.string({ minLength: 1 }), fc.boolean(), ([key, setting], text, isOn) => {
        const isSwitch = (setting as Setting).value === undefined;
        const { entries, problems } = read(JSON.stringify({ [key]: isSwitch ? isOn : text }));
        expect(problems).toEqual([]);
        expect(entries).toEqual({ [key]: [1, isSwitch ? String(isOn) : text] });
      }),
    );
  });
});
