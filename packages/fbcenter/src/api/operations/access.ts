import {
  InvitedBody,
  LinkBody,
  NewTokenBody,
  OpenLinkBody,
  SessionListBody,
  SessionStateBody,
  SignedInBody,
  SignedOutBody,
  TokenListBody,
  UserBody,
  UserListBody,
} from '../access.js';
import { ErrorBody, RoleBody } from '../answers.js';
import type { Operations } from '../operation.js';
import { mapOf, nullable, object, optional, text, time, truth } from '../schema.js';

const user = '/api/v1/users/:user';
const grants = { role: optional(nullable(RoleBody)), environments: optional(mapOf(RoleBody)) };
const password = text('12 characters at least.');
const link = text('The part of the link after `#`.');

/** What anybody may try, and is refused for. */
const tried = { 401: ErrorBody, 403: ErrorBody, 410: ErrorBody, 413: ErrorBody, 429: ErrorBody };

export const accessOperations: Operations = {
  'GET /api/v1/session': { summary: 'Who asks, if anybody is signed in', answers: { 200: SessionStateBody } },
  'POST /api/v1/session': {
    summary: 'Signs in',
    description: 'The session comes as a cookie that scripts cannot read.',
    body: { schema: object({ name: text(), password: text() }) },
    answers: { 200: SignedInBody, ...tried },
  },
  'DELETE /api/v1/session': { summary: 'Signs out', answers: { 200: SignedOutBody } },
  'PUT /api/v1/session/password': {
    summary: "Changes one's own password",
    description: 'Every session of the user ends, and this browser gets a new one.',
    body: { schema: object({ current: text(), next: password }) },
    answers: { 200: SignedInBody },
  },
  'GET /api/v1/oidc/start': {
    summary: 'Sends the browser to the identity provider',
    query: { to: text('Where the page is opened afterwards.') },
    answers: { 303: 'empty', 404: ErrorBody },
  },
  'GET /api/v1/oidc/callback': {
    summary: 'Where the identity provider sends the browser back to',
    description: "The query is the provider's; what goes wrong is said on the page that the browser is sent to.",
    query: {
      code: text(),
      state: text(),
      iss: text(),
      session_state: text(),
      error: text(),
      error_description: text(),
    },
    answers: { 303: 'empty', 404: ErrorBody },
  },
  'GET /api/v1/sessions': { summary: "One's own sessions", answers: { 200: SessionListBody } },
  'DELETE /api/v1/sessions/:session': { summary: "Ends one of one's own sessions", answers: { 204: 'empty' } },
  'POST /api/v1/links/look': {
    summary: 'What a link is for',
    description: 'It changes nothing.',
    body: { schema: object({ link }) },
    answers: { 200: OpenLinkBody, ...tried },
  },
  'POST /api/v1/links/follow': {
    summary: 'Sets a password, and signs in',
    body: { schema: object({ link, name: optional(text('Of the first admin.')), password }) },
    answers: { 200: SignedInBody, ...tried, 409: ErrorBody },
  },
  'POST /api/v1/links/first': {
    summary: 'A link by which somebody becomes the first admin',
    answers: { 201: LinkBody, 409: ErrorBody },
    changes: 'something',
  },
  'GET /api/v1/users': { summary: 'Lists the users', answers: { 200: UserListBody } },
  'POST /api/v1/users': {
    summary: 'Invites a user',
    description: 'The answer has the link by which the user comes in.',
    body: { schema: object({ ...grants, name: text() }) },
    answers: { 201: InvitedBody },
    changes: 'something',
  },
  [`GET ${user}`]: { summary: 'One user', answers: { 200: UserBody } },
  [`PUT ${user}`]: {
    summary: 'Changes what a user may do',
    body: { schema: object({ ...grants, isDisabled: optional(truth()) }) },
    answers: { 200: UserBody },
    changes: 'something',
  },
  [`DELETE ${user}`]: { summary: 'Removes a user', answers: { 204: 'empty' }, changes: 'something' },
  [`POST ${user}/link`]: {
    summary: 'A link by which a user sets a new password',
    answers: { 201: LinkBody },
    changes: 'something',
  },
  [`GET ${user}/sessions`]: { summary: 'The sessions of a user', answers: { 200: SessionListBody } },
  [`DELETE ${user}/sessions`]: {
    summary: 'Ends every session of a user',
    answers: { 204: 'empty' },
    changes: 'something',
  },
  'GET /api/v1/tokens': { summary: 'Lists the access tokens, without themselves', answers: { 200: TokenListBody } },
  'POST /api/v1/tokens': {
    summary: 'Makes an access token',
    description: 'The answer has the token, for the only time.',
    body: { schema: object({ ...grants, name: text(), expiresAt: optional(nullable(time())) }) },
    answers: { 201: NewTokenBody },
    changes: 'something',
  },
  'DELETE /api/v1/tokens/:token': {
    summary: 'Revokes an access token',
    answers: { 204: 'empty' },
    changes: 'something',
  },
};
