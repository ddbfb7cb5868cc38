// biome-ignore lint/style/noRestrictedImports: the entry that it documents for this draft of JSON Schema
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { applySchema } from '../../src/manage/apply-schema.js';
import { aFlag, aRule, aSegment } from '../support/documents.js';

const schema = applySchema();
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
const file = (more: object = {}) => ({
  format: 'fbcenter-environment',
  formatVersion: 1,
  environment: { key: 'dev' },
  ...more,
});
const users = (...list: object[]) => ({ format: 'fbcenter-users', formatVersion: 1, users: list });

describe('the schema of files that are applied', () => {
  it('is the one that the package has for editors', async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../../schemas/apply.json');
  });

  it.each<[boolean, object]>([
    [true, file()],
    [
      true,
      file({
        flags: [aFlag({ key: 'a', rules: [aRule({ property: 'p', op: 'Equal', value: 'x' })] })],
        segments: [aSegment({ id: 's' })],
      }),
    ],
    [true, file({ environment: { key: 'dev', name: 'Dev', isProtected: true } })],
    [false, {}],
    [false, file({ formatVersion: 2 })],
    [false, file({ environment: {} })],
    [false, file({ flag: [] })],
    [false, file({ flags: {} })],
    [false, file({ flags: [{ key: 'a', variations: 'x' }] })],
    [true, users()],
    [true, users({ name: 'ada', role: 'admin' }, { name: 'bob', environments: { prod: 'viewer' }, isDisabled: true })],
    [true, users({ name: 'ada', role: null })],
    [false, users({ role: 'admin' })],
    [false, users({ name: 'ada', role: 'owner' })],
    [false, users({ name: 'ada', password: 'x' })],
    [false, { ...users(), environment: { key: 'dev' } }],
    [false, { ...users(), users: undefined }],
  ])('%s: %j', (isTaken, value) => {
    expect(validate(value), JSON.stringify(validate.errors)).toBe(isTaken);
  });
});
