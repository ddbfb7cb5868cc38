import { ROLES } from '../model/role.js';
import {
  anything,
  list,
  named,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type TypeOf,
  text,
  time,
  truth,
  whole,
} from './schema.js';

/** The bodies that the HTTP surface answers with, each as a schema and as the type that follows from it. */

export const ActorBody = named(
  'Actor',
  object(
    {
      kind: oneOf(
        ['user', 'token', 'settings-token', 'trigger', 'center'],
        'A person who signed in, an access token that was made, the one of the settings, a trigger of a flag, or the center itself.',
      ),
      id: text('For ever the same, although the name may change.'),
      name: text('What people call it.'),
    },
    'Who did something.',
  ),
);

const FaultBody = named(
  'Fault',
  object(
    {
      code: text(),
      path: text('Where in the document, such as `rules[0].conditions[2].value`.'),
      message: text('What is wrong and what is allowed.'),
    },
    'One thing that is wrong with a document.',
  ),
);
export const FaultList = list(FaultBody);

/** Every answer that is an error. */
export const ErrorBody = named(
  'Error',
  object(
    {
      code: text('Why, for programs.'),
      message: text('What is wrong and what to do, in one sentence.'),
      faults: optional(list(FaultBody, 'What is wrong with the document that was sent, if that is the reason.')),
      current: optional(
        object(
          { version: whole(), changedAt: time(), changedBy: nullable(ActorBody) },
          'What the document is like now, if that is the reason: somebody else was quicker.',
        ),
      ),
      requestId: optional(
        text('By which it is found in the log; that of `X-Request-Id` if the request had a good one.'),
      ),
    },
    'A request that was not carried out; nothing was changed.',
  ),
);
export type ErrorBody = TypeOf<typeof ErrorBody>;

export const RoleBody = oneOf(ROLES, 'Each may do what the ones before it may.');

const environmentMembers = {
  id: text('A GUID.'),
  key: text('What the API calls it by.'),
  name: text(),
  isProtected: truth('The page asks twice before it changes something here.'),
  role: nullable(RoleBody),
  connections: whole('SDKs that stream it now.'),
};

/** An environment, without its secrets. */
export const EnvironmentBody = named('Environment', object(environmentMembers));
export type EnvironmentBody = TypeOf<typeof EnvironmentBody>;

/** An environment that was made, with its first secrets. */
export const NewEnvironmentBody = named(
  'EnvironmentWithSecrets',
  object({ ...environmentMembers, serverSecret: text(), clientSecret: text() }),
);
export type NewEnvironmentBody = TypeOf<typeof NewEnvironmentBody>;

export const EnvironmentListBody = object({ items: list(EnvironmentBody) });
export type EnvironmentListBody = TypeOf<typeof EnvironmentListBody>;

/** The data of an event `change`. */
export const ChangeEventBody = named(
  'ChangeEvent',
  object({ kind: oneOf(['flag', 'segment']), key: text("The flag's key or the segment's id."), version: whole() }),
);
export type ChangeEventBody = TypeOf<typeof ChangeEventBody>;

/** The data of an event `experiment`. */
export const ExperimentEventBody = named('ExperimentEvent', object({ key: text() }));
export type ExperimentEventBody = TypeOf<typeof ExperimentEventBody>;

const secretMembers = {
  id: text(),
  kind: oneOf(['server', 'client']),
  name: text(),
  createdAt: nullable(time('Null for what was made before such times were kept.')),
  lastUsedAt: nullable(time('When an SDK last came with it, to the minute.')),
  connections: whole('SDKs that it has let in and that stream now.'),
};

/** A secret of an environment, without the secret itself. */
export const SecretBody = named('Secret', object(secretMembers));
export type SecretBody = TypeOf<typeof SecretBody>;

/** The same with the secret itself. */
export const NewSecretBody = named('SecretWithValue', object({ ...secretMembers, secret: text() }));
export type NewSecretBody = TypeOf<typeof NewSecretBody>;

export const SecretListBody = object({ items: list(SecretBody) });
export type SecretListBody = TypeOf<typeof SecretListBody>;

/** What SDKs have reported of an environment. */
export const InsightsBody = named(
  'Insights',
  object({
    flags: list(
      object({
        key: text(),
        count: whole(),
        variations: list(object({ id: text(), count: whole(), experimentCount: whole(), lastAt: time() })),
      }),
    ),
    metrics: list(
      object({ eventName: text(), count: whole(), sum: number(), min: number(), max: number(), lastAt: time() }),
    ),
    identifications: whole('Users that were identified without an evaluation or a metric.'),
    rejected: whole('Items that could not be understood.'),
    overflow: object({ evaluations: whole(), metrics: whole() }, 'Counted in no entry of its own: there was no room.'),
  }),
);
export type InsightsBody = TypeOf<typeof InsightsBody>;

/** The refusal of FeatBit's limit of requests, in FeatBit's words. */
export const RateLimitedBody = object({ error: text() });
export type RateLimitedBody = TypeOf<typeof RateLimitedBody>;

/** What a user gets of a flag; id and value are null when the flag is archived or cannot be evaluated. */
export const EvaluatedFlag = named(
  'EvaluatedFlag',
  object({
    key: text(),
    variation: object({
      id: nullable(text()),
      type: text(),
      value: nullable(text()),
      matchReason: nullable(
        text(
          '`flag disabled`, `targeted`, `default`, `flag archived`, `Error`, or the name of the rule that decided; null where it has none.',
        ),
      ),
      sendToExperiment: truth(),
    }),
  }),
);
export type EvaluatedFlag = TypeOf<typeof EvaluatedFlag>;

const ManifestFlag = named(
  'ManifestFlag',
  object({
    key: text(),
    name: text(),
    type: oneOf(['boolean', 'string', 'integer', 'float', 'object']),
    description: nullable(text()),
    defaultValue: anything('The value of the variation that is served while the flag is off.'),
  }),
);
export type ManifestFlag = TypeOf<typeof ManifestFlag>;

/** The flags for OpenFeature's generators of code. */
export const ManifestBody = object({ flags: list(ManifestFlag) });
export type ManifestBody = TypeOf<typeof ManifestBody>;

export const HealthBody = object({ status: oneOf(['Healthy']) });
export type HealthBody = TypeOf<typeof HealthBody>;
