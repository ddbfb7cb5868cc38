import { isManaged } from '../access/demands.js';
import { ErrorBody } from '../api/answers.js';
import type { Operation, OtherAnswer } from '../api/operation.js';
import { OPERATIONS, PATH_PARAMETERS } from '../api/operations.js';
import { type JsonSchema, type Schema, text } from '../api/schema.js';
import { type Answer, jsonText } from '../http/answer.js';
import type { Route } from '../http/exchange.js';

type Described = Pick<Route, 'method' | 'path' | 'access' | 'about' | 'isUnlimited'>;

/** The HTTP surface as an OpenAPI 3.1 document. It is made when it is first asked for. */
export function openApiHandlers() {
  let text: Buffer | undefined;
  return {
    document: (routes: () => readonly Described[]) => async (): Promise<Answer> => {
      text ??= Buffer.from(JSON.stringify(openApiOf(routes())));
      return jsonText(text);
    },
  };
}

/** What is refused for reasons that have nothing to do with what the route does. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request, or the document in it, cannot be understood.',
  401: 'No credentials, or wrong ones.',
  403: 'The caller may not do this.',
  404: 'What the address names is not there.',
  409: 'It contradicts what is there.',
  412: 'The document, or experiment, has another version than the caller demands.',
  413: 'The body is too large.',
  428: 'People must say which version they have seen.',
  429: 'Too many requests, or too many wrong credentials, came from this address: `Retry-After` says when to ask again.',
  500: 'A fault of the center, or what is asked for is damaged on the disk.',
  503: 'The storage is unavailable, busy, or the center stops; nothing was changed.',
};

export function openApiOf(routes: readonly Described[]) {
  const definitions: Record<string, JsonSchema> = {};
  const use = ({ json, definitions: more }: Schema<unknown>) => {
    Object.assign(definitions, more);
    return json;
  };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operation = OPERATIONS[nameOf(route)];
    if (operation === undefined) continue;
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, operation, use) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fbcenter',
      version: '1',
      description:
        'The flag center. The management API takes an access token, the calls of SDKs take a secret of an environment.',
    },
    paths,
    components: {
      schemas: definitions,
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', description: 'An access token of the management API.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-fbcenter',
          description: 'Of somebody who signed in; over HTTP it is called `fbcenter-PORT`.',
        },
        secret: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'A secret of an environment.' },
      },
    },
  };
}

/** The routes that nothing is said of; the page for browsers is no part of the API. */
export function undescribed(routes: readonly Described[]): readonly string[] {
  return routes
    .filter(({ path }) => /^\/(?:api|health)\//.test(path))
    .map(nameOf)
    .filter((name) => OPERATIONS[name] === undefined);
}

function nameOf({ method, path }: Described): string {
  return `${method} ${path}`;
}

type Use = (schema: Schema<unknown>) => JsonSchema;

function operationOf(route: Described, operation: Operation, use: Use) {
  const { summary, description, body, answers } = operation;
  const refusals = Object.keys(REFUSALS)
    .map(Number)
    .filter((status) => mayRefuse(route, operation, status));
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    operationId: idOf(route),
    ...securityOf(route),
    parameters: [...pathParameters(route), ...queryParameters(operation, use), ...headersOf(operation)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isOptional !== true,
            content: { 'application/json': { schema: use(body.schema) } },
          },
        }),
    responses: {
      ...Object.fromEntries(
        refusals.map((status) => [status, { description: REFUSALS[status], content: contentOf(ErrorBody, use) }]),
      ),
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          { description: summary, ...(answer === 'empty' ? {} : { content: contentOf(answer, use) }) },
        ]),
      ),
    },
  };
}

function contentOf(answer: Exclude<Operation['answers'][number], 'empty'>, use: Use): Record<string, object> {
  if (isList(answer)) return Object.assign({}, ...answer.map((one) => contentOf(one, use)));
  if ('each' in answer) {
    // How the parts are told from each other OpenAPI 3.1 cannot say: the media type does.
    return { [answer.type]: { schema: { type: 'string' }, 'x-item-schema': use(answer.each) } };
  }
  return { 'application/json': { schema: use(answer) } };
}

/** Unlike the one of JavaScript it knows lists that are not to be changed. */
function isList(value: Exclude<Operation['answers'][number], 'empty'>): value is readonly OtherAnswer[] {
  return Array.isArray(value);
}

function mayRefuse(
  { access, path, isUnlimited = false }: Described,
  { body, query, changes }: Operation,
  status: number,
): boolean {
  const isOpen = access === 'anybody';
  switch (status) {
    case 400:
      return body !== undefined || query !== undefined || changes !== undefined || path.includes(':');
    case 401:
    case 403:
      return !isOpen;
    case 429:
      return !isUnlimited;
    case 404:
      return path.includes(':');
    case 409:
      return changes !== undefined;
    case 412:
      return changes === 'document' || changes === 'experiment';
    case 428:
      return changes === 'document';
    case 413:
      return body !== undefined || changes !== undefined;
    default:
      return !isOpen || path !== '/api/v1/openapi.json';
  }
}

function securityOf({ access }: Described) {
  if (access === 'anybody') return { security: [] };
  if (!isManaged(access)) return { security: [{ secret: [] }] };
  const isOptional = access === 'anybody-known';
  return { security: [...(isOptional ? [{}] : []), { accessToken: [] }, { session: [] }] };
}

function pathParameters({ path }: Described) {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name] ?? '',
    schema: text().json,
  }));
}

function queryParameters({ query = {} }: Operation, use: Use) {
  return Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema: use(schema) }));
}

const HEADERS = {
  'X-Change-Comment': 'Why, for the audit log: up to 1,000 characters, those beyond ASCII as `%xx` of UTF-8.',
  'X-Change-Group': 'The same for everything that one act changes: 1 to 64 of A-Z a-z 0-9 _ -',
  'If-Match':
    'The version that the caller has seen, as the `ETag` has it. For flags and segments people must send it; programs may.',
  'If-None-Match': '`*` only creates.',
};

function headersOf({ changes }: Operation) {
  if (changes === undefined) return [];
  return Object.entries(HEADERS)
    .filter(([name]) => changes !== 'something' || name.startsWith('X-'))
    .map(([name, description]) => ({ name, in: 'header', required: false, description, schema: text().json }));
}

/** Such as `postEnvironmentsFlagsToggle`: the fixed parts of the path. */
function idOf({ method, path }: Described): string {
  const words = path
    .replace(/^\/api\/v1|^\/api\/public|^\//, '')
    .split('/')
    .filter(Boolean)
    .map((part) => (part.startsWith(':') ? `by-${part.slice(1)}` : part))
    .join('-')
    .split(/[-.]/);
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
