import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { keysOf, readConfigFile } from '../../src/cli/config-file.js';
import { configSchema } from '../../src/cli/config-schema.js';
import { SETTINGS } from '../../src/cli/settings.js';
import type { ConfigProblem } from '../../src/errors.js';
import { readYaml } from '../../src/yaml-text.js';

const schema = configSchema(SETTINGS, 'Settings of fbcenter');
const validate = new Ajv({ allowUnionTypes: true }).compile(schema);

const contentOf = (text: string) => {
  const read = readYaml(text);
  return 'documents' in read ? read.documents[0]?.value : undefined;
};

describe('the schema of config files', () => {
  it('is the one that the package has for editors', async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../schemas/config.json');
  });

  it('has every key, each explained', () => {
    const { properties } = schema as { readonly properties: Record<string, { readonly description?: string }> };
    expect(Object.keys(properties)).toEqual([...keysOf(SETTINGS).keys()]);
    for (const property of Object.values(properties)) expect(property.description).toBeTruthy();
  });

  it.each([
    'port: 80',
    'memory: true',
    'environment: [a, b]',
    'environment: a',
    'admin-token-file: /f',
    'admin-token: 12',
    'log-level: info',
    'prot: 80',
    'port: [80]',
    'memory: yes',
    'environment: []',
    'environment: {a: b}',
    'host: [a]',
    'host: true',
    'log-level: null',
  ])('takes %s if and only if the command reads it', (text) => {
    const problems: ConfigProblem[] = [];
    readConfigFile('f', text, SETTINGS, problems);
    expect(validate(contentOf(text))).toBe(problems.length === 0);
  });
});
