import { FlagInput, SegmentInput } from '../api/documents.js';
import { list, named, object, oneOf, optional, text, time, truth, whole } from '../api/schema.js';

/** The files that `fbcenter apply` reads, for editors; the center itself judges more than a schema can say. */
const ApplyFile = named(
  'ApplyFile',
  object({
    format: oneOf(['fbcenter-environment']),
    formatVersion: whole(undefined, { const: 1 }),
    exportedAt: optional(time('Of no meaning here.')),
    environment: object({
      key: text('What the environment is called; it is made when it is not there.'),
      name: optional(text('What people call it; stays as it is unless given.')),
      isProtected: optional(
        truth('Whether its name is asked for before the page changes anything in it; stays as it is unless given.'),
      ),
    }),
    segments: optional(list(SegmentInput)),
    flags: optional(list(FlagInput, 'What a flag does not say of isEnabled and isArchived stays as it is.')),
  }),
);

/** As JSON Schema, with everything that it refers to in it. */
export function applySchema(): Readonly<Record<string, unknown>> {
  const { json, definitions } = ApplyFile;
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Flags and segments of fbcenter',
    ...json,
  };
  return JSON.parse(JSON.stringify({ ...schema, $defs: definitions }).replaceAll('#/components/schemas/', '#/$defs/'));
}
