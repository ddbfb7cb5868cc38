import { RoleBody } from '../api/answers.js';
import { FlagInput, SegmentInput } from '../api/documents.js';
import {
  either,
  list,
  mapOf,
  named,
  nullable,
  object,
  oneOf,
  optional,
  text,
  time,
  truth,
  whole,
} from '../api/schema.js';
import { USERS_FORMAT } from './user-files.js';

/** The files of environments that `fbcenter apply` reads. */
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

/** Those of users. */
const UsersFile = named(
  'UsersFile',
  object({
    format: oneOf([USERS_FORMAT]),
    formatVersion: whole(undefined, { const: 1 }),
    users: list(
      object({
        name: text('What the user signs in with; who is not there is invited.'),
        role: optional(nullable(RoleBody)),
        environments: optional(
          mapOf(
            RoleBody,
            'In single environments, by their keys. It belongs together with `role`: what one of them says is all that the user may do, what neither says stays.',
          ),
        ),
        isDisabled: optional(truth('Whether signing in is refused; stays as it is unless given.')),
      }),
    ),
  }),
);

/** Either of them, for editors; the center itself judges more than a schema can say. */
const AppliedFile = either(ApplyFile, UsersFile);

/** As JSON Schema, with everything that it refers to in it. */
export function applySchema(): Readonly<Record<string, unknown>> {
  const { json, definitions } = AppliedFile;
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'What fbcenter applies',
    ...json,
  };
  return JSON.parse(JSON.stringify({ ...schema, $defs: definitions }).replaceAll('#/components/schemas/', '#/$defs/'));
}
