// biome-ignore lint/style/noRestrictedImports: the entry that it documents for this draft of JSON Schema
import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApiOf } from '../../src/handlers/openapi.js';
import { surface } from './surface.js';

/** The table of routes, without anything behind it. */
export const ROUTES = surface();

export const OPEN_API = openApiOf(ROUTES);

interface DescribedOperation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, DescribedResponse | undefined>>;
}

interface DescribedResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly 'x-item-schema'?: object }>>;
}

/** A request of the HTTP surface with its answer. */
export interface Exchanged {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly sent: unknown;
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

// Formats are for readers; unknown ones are no mistake.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ ...OPEN_API, $id: 'openapi' });
const validators = new Map<string, ReturnType<Ajv2020['compile']>>();

const templates = Object.keys(OPEN_API.paths)
  .sort((a, b) => parametersIn(a) - parametersIn(b))
  .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));

/**
 * What an answer has that the OpenAPI document does not say: a status, a member, a body where there is none. What was sent and taken
 * is looked at too. Nothing for what is no part of the API.
 */
export function undocumented({ method, path: address, sent, status, type, text }: Exchanged): readonly string[] {
  const [pathname = '', query = ''] = address.split('?');
  const template = templates.find(({ pattern }) => pattern.test(pathname));
  if (template === undefined) return [];
  const { path } = template;
  const operations = OPEN_API.paths[path] as Readonly<Record<string, DescribedOperation | undefined>>;
  const operation = operations[(method === 'HEAD' ? 'GET' : method).toLowerCase()];
  if (operation === undefined) return status === 405 ? [] : [`${method} ${path} is not documented`];
  const response = operation.responses[status];
  // While the center stops everything is refused, and before a path is known so is what cannot be read.
  if (response === undefined) return [`${method} ${path} answered ${status}, which is not documented`];
  const name = `${method} ${path} ${status}`;
  return [
    ...bodyProblems(name, response, type, method === 'HEAD' ? '' : text),
    // What a dry run finds wrong it answers with.
    ...(status < 300 && !query.includes('dryRun=true') ? requestProblems(name, operation, query, sent) : []),
  ];
}

function bodyProblems(name: string, { content }: DescribedResponse, type: string | null, text: string): string[] {
  if (content === undefined) return text === '' ? [] : [`${name} has a body`];
  const mediaType = type?.split(';')[0] ?? '';
  if (text === '') return [];
  const described = content[mediaType];
  if (described === undefined) return [`${name} is ${mediaType}, which is not documented`];
  const pointer = `openapi#/paths/${pointed(pathIn(name))}/${methodIn(name)}/responses/${name.split(' ').at(-1)}/content/${pointed(mediaType)}`;
  const item = described['x-item-schema'];
  if (item === undefined) return problems(name, `${pointer}/schema`, JSON.parse(text));
  const lines = mediaType === 'application/x-ndjson' ? text.split('\n').filter(Boolean) : [];
  return lines.flatMap((line) => problems(name, `${pointer}/x-item-schema`, JSON.parse(line)));
}

function requestProblems(name: string, operation: DescribedOperation, query: string, sent: unknown): string[] {
  const known = operation.parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
  const unknown = [...new URLSearchParams(query).keys()].filter((key) => !known.includes(key));
  const inQuery = unknown.map((key) => `${name} took ${key} in its query, which is not documented`);
  if (sent === undefined || operation.requestBody === undefined) return inQuery;
  const pointer = `openapi#/paths/${pointed(pathIn(name))}/${methodIn(name)}/requestBody/content/${pointed('application/json')}/schema`;
  return [...inQuery, ...problems(`${name} took a body that`, pointer, sent)];
}

function problems(name: string, pointer: string, value: unknown): string[] {
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: pointer });
  validators.set(pointer, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function methodIn(name: string): string {
  return (name.startsWith('HEAD') ? 'get' : (name.split(' ')[0] ?? '')).toLowerCase();
}

function pathIn(name: string): string {
  return name.split(' ')[1] ?? '';
}

/** A part of a JSON pointer within an address. */
function pointed(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function parametersIn(path: string): number {
  return path.split('{').length;
}
