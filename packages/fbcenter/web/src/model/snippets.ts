import type { FlagDocument, VariationType } from './document.js';

export interface Snippet {
  readonly language: string;
  readonly code: string;
}

interface Place {
  /** The center's own address, such as `https://flags.example.org`. */
  readonly origin: string;
  /** What stands in the place of the server secret. */
  readonly secret: string;
}

/** How an application asks for this flag: code that runs as it stands once the secret is filled in. */
export function snippetsFor(
  flag: Pick<FlagDocument, 'key' | 'variationType' | 'variations' | 'disabledVariationId'>,
  place: Place,
): Snippet[] {
  const { key, variationType } = flag;
  const off = flag.variations.find(({ id }) => id === flag.disabledVariationId)?.value ?? '';
  const text = JSON.stringify;
  const streaming = place.origin.replace(/^http/, 'ws');
  const user = `{"user":{"keyId":"user-1"},"filter":{"keys":[${text(key)}]}}`;
  return [
    {
      language: 'TypeScript',
      code: `import { FBClient } from 'fbclient';

const client = new FBClient({
  envSecret: ${text(place.secret)},
  streamingUrl: ${text(streaming)},
  eventUrl: ${text(place.origin)},
});
await client.waitForInitialization();

const user = { key: 'user-1', name: 'Ada' };
const value = client.variation(${text(key)}, user, ${literal(variationType, off)});`,
    },
    {
      language: '.NET',
      code: `var options = new FbOptionsBuilder(${text(place.secret)})
    .Streaming(new Uri(${text(streaming)}))
    .Event(new Uri(${text(place.origin)}))
    .Build();
using var client = new FbClient(options);

var user = FbUser.Builder("user-1").Name("Ada").Build();
var value = client.${DOTNET[variationType]}(${text(key)}, user, ${dotnetLiteral(variationType, off)});`,
    },
    {
      language: 'HTTP',
      code: `curl ${place.origin}/api/public/featureflag/evaluate \\
  -H 'Authorization: ${place.secret}' \\
  -d ${shellQuoted(user)}`,
    },
  ];
}

/** The call of the management API that does what saving does. */
export function curlFor(method: string, url: string, version: number | undefined, body: unknown): string {
  const lines = [`curl -X ${method} ${shellQuoted(url)}`, `-H "Authorization: Bearer $TOKEN"`];
  if (version !== undefined) lines.push(`-H 'If-Match: "${version}"'`);
  if (body !== undefined) lines.push(`-d ${shellQuoted(JSON.stringify(body, null, 2))}`);
  return lines.join(' \\\n  ');
}

const DOTNET: Readonly<Record<VariationType, string>> = {
  boolean: 'BoolVariation',
  string: 'StringVariation',
  number: 'DoubleVariation',
  json: 'StringVariation',
};

function literal(type: VariationType, value: string): string {
  switch (type) {
    case 'boolean':
      return String(/^true$/i.test(value));
    case 'number':
      return String(Number(value) || 0);
    case 'json':
      return jsonLiteral(value);
    default:
      return JSON.stringify(value);
  }
}

function dotnetLiteral(type: VariationType, value: string): string {
  if (type === 'json') return JSON.stringify(value);
  return literal(type, value);
}

function jsonLiteral(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return '{}';
  }
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
