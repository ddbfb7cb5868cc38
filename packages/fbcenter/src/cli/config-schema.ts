import { keysOf } from './config-file.js';
import type { Setting, SettingsTable } from './settings.js';

/** What editors go by in a config file: a JSON Schema of every key that it may have. */
export function configSchema(settings: SettingsTable, title: string): Readonly<Record<string, unknown>> {
  const properties = [...keysOf(settings)].map(([key, setting]) => [key, schemaOf(setting)]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  };
}

function schemaOf(setting: Setting): Readonly<Record<string, unknown>> {
  const { value, help, isNumber, isList, fallback } = setting;
  const description = value === undefined ? help : `${value}: ${help}`;
  if (value === undefined) return { type: 'boolean', description };
  if (isNumber === true) {
    const standard = /^\d+$/.test(fallback ?? '') ? { default: Number(fallback) } : {};
    return { type: 'integer', description, ...standard };
  }
  const standard = fallback === undefined ? {} : { default: fallback };
  if (isList !== true) return { type: ['string', 'number'], description, ...standard };
  const items = { type: ['string', 'number'] };
  return { anyOf: [items, { type: 'array', items, minItems: 1 }], description, ...standard };
}
