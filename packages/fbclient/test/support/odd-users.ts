/** What applications pass as a user although it is none, with a name for each. */
export const UNUSABLE_USERS: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a text', 'ada'],
  ['a number', 5],
  ['true', true],
  ['a symbol', Symbol('ada')],
  ['a function', Object.assign(() => undefined, { key: 'ada' })],
  ['an empty object', {}],
  ['an array', ['ada']],
  ['an array with a key', Object.assign(['ada'], { key: 'ada' })],
  [
    'an array that passes for a plain object',
    Object.setPrototypeOf(Object.assign([], { key: 'ada' }), Object.prototype),
  ],
  ['a name only', { name: 'Ada' }],
  ['a keyId only', { keyId: 'ada' }],
  ['a key of undefined', { key: undefined }],
  ['a key of null', { key: null }],
  ['a key of a number', { key: 5 }],
  ['a key of an object', { key: { toString: () => 'ada' } }],
  ['a key of a String object', { key: new String('ada') }],
  ['an empty key', { key: '' }],
  ['a blank key', { key: ' \t\n' }],
  ['an inherited key', Object.create({ key: 'ada' })],
];

/** Users that throw when they are read. */
export const THROWING_USERS: readonly (readonly [string, object])[] = [
  [
    'a getter for the key',
    {
      get key(): string {
        throw new Error('MARKED');
      },
    },
  ],
  [
    'a getter for an attribute',
    {
      key: 'ada',
      get country(): string {
        throw new Error('MARKED');
      },
    },
  ],
  ['a proxy', new Proxy({ key: 'ada' }, { get: fails, has: fails, ownKeys: fails, getOwnPropertyDescriptor: fails })],
  ['a revoked proxy', revoked()],
];

/** Users whose key can be read once and is something else, or nothing, when it is read again. */
export const SHIFTY_USERS: readonly (readonly [string, () => object])[] = [
  ['a key that cannot be enumerated', () => Object.defineProperty({}, 'key', { value: 'ada', enumerable: false })],
  ['a key that is another type each time', shifty],
];

function fails(): never {
  throw new Error('MARKED');
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({ key: 'ada' }, {});
  revoke();
  return proxy;
}

function shifty(): object {
  let readings = 0;
  return {
    get key(): unknown {
      readings += 1;
      return readings === 1 ? 'ada' : readings;
    },
  };
}
