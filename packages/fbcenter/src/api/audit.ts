import { ActorBody } from './answers.js';
import { anything, list, named, nullable, object, type TypeOf, text, time, whole } from './schema.js';

const members = {
  id: whole('Greater than that of every entry before it.'),
  at: time(),
  actor: ActorBody,
  action: text('What was done: `create`, `update`, `switch-on`, `archive`, `put-back`, `promote`, …'),
  subject: object({
    kind: text('`flag`, `segment`, `environment`, `secret`, `insights`, `user`, `token`, …'),
    key: text(),
    environment: nullable(text('The key of its environment; null for what belongs to the whole center.')),
  }),
  fields: list(text(), 'The parts that are different; of very many the first.'),
  beforeVersion: nullable(whole('The version of the document before the change.')),
  version: nullable(whole('The version that the change has made.')),
  comment: nullable(text()),
  group: nullable(text('The same for everything that one act has changed.')),
  source: nullable(text('Where it comes from: `version 1764322200000`, `environment staging`, `file`.')),
};

/** An entry of the audit log. */
export const AuditEntryBody = named('AuditEntry', object(members));
export type AuditEntryBody = TypeOf<typeof AuditEntryBody>;

/** The same with what it was like before and after; null = there was nothing. */
export const AuditDetailBody = named(
  'AuditEntryWithStates',
  object({ ...members, before: nullable(anything()), after: nullable(anything()) }),
);
export type AuditDetailBody = TypeOf<typeof AuditDetailBody>;

export const AuditListBody = object({
  items: list(AuditEntryBody, 'The newest first.'),
  next: nullable(text('What to send as `after` for the entries before these.')),
});
export type AuditListBody = TypeOf<typeof AuditListBody>;
