import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientFlags } from '../../src/evaluation/client-flags.js';
import { LiveEnvironments } from '../../src/live/environments.js';
import { clientDialogue, type Dialogue, serverDialogue } from '../../src/streaming/dialogue.js';
import { aDocument, FakeChangeLog } from '../support/fake-change-log.js';
import { check } from '../support/property.js';

function dialogues() {
  const environment = new LiveEnvironments(new FakeChangeLog(aDocument('a', 1))).of('e');
  const server = serverDialogue(environment);
  const client = clientDialogue(environment, new ClientFlags('neutral'));
  return { environment, server, client };
}

/** What a dialogue makes of a text: the type, and for a request its cursor, for anything else its reply. */
function heard(dialogue: Dialogue, text: string): string {
  const incoming = dialogue.read(text);
  switch (incoming.type) {
    case 'data-sync':
      return `data-sync ${incoming.cursor}`;
    case 'reply':
      return String(incoming.message);
    case 'other':
      return 'other';
  }
}

const USER = { keyId: 'ada', name: 'Ada' };
const request = (data: unknown, messageType = 'data-sync') => JSON.stringify({ messageType, data });
const PONG = '{"messageType":"pong","data":{}}';

describe('what both kinds of SDK say', () => {
  it.each<[text: string, server: string, client: string]>([
    [request({ timestamp: 0 }), 'data-sync 0', 'other'],
    [request({ timestamp: 0, user: USER }), 'data-sync 0', 'data-sync 0'],
    [request({ timestamp: 1_700_000_000_000, user: USER }), 'data-sync 1700000000000', 'data-sync 1700000000000'],
    [request({ timestamp: -1, user: USER }), 'data-sync -1', 'data-sync -1'],
    [request({ user: USER }), 'data-sync 0', 'data-sync 0'],
    // What is no time is no request of a server SDK; FeatBit reads a fraction of a browser as nothing.
    [request({ timestamp: 1.5, user: USER }), 'data-sync 1.5', 'data-sync 0'],
    [request({ timestamp: 1e300, user: USER }), 'data-sync 1e+300', 'data-sync 0'],
    [request({ timestamp: '5', user: USER }), 'other', 'other'],
    [request({ timestamp: null, user: USER }), 'data-sync 0', 'other'],
    [request({ timestamp: 0, user: { keyId: '' } }), 'data-sync 0', 'other'],
    [request({ timestamp: 0, user: 'ada' }), 'data-sync 0', 'other'],
    [request(null), 'data-sync 0', 'other'],
    ['{"messageType":"data-sync"}', 'data-sync 0', 'other'],
    [request({}, 'ping'), PONG, PONG],
    [request(null, 'ping'), PONG, PONG],
    ['{"messageType":"ping"}', PONG, 'other'],
    [request({}, 'PING'), PONG, PONG],
    [request({ timestamp: 3, user: USER }, 'Data-Sync'), 'data-sync 3', 'data-sync 3'],
    ...[{ a: [1, 'ж'] }, null].map((data): [string, string, string] => {
      const echo = request(data, 'echo');
      return [request(data, 'echo'), echo, echo];
    }),
    ['{"messageType":"echo"}', 'other', 'other'],
    [request({}, 'pong'), 'other', 'other'],
    // Writing it again would go as deep as it does.
    [`{"messageType":"echo","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'other', 'other'],
    [`{"messageType":"ping","data":${'['.repeat(198)}${']'.repeat(198)}}`, PONG, PONG],
    [`{"messageType":"ping","data":${'['.repeat(200)}${']'.repeat(200)}}`, 'other', 'other'],
    [request({}, ''), 'other', 'other'],
    ['', 'other', 'other'],
    ['null', 'other', 'other'],
    ['[]', 'other', 'other'],
    ['"ping"', 'other', 'other'],
    ['{"messageType":5,"data":{}}', 'other', 'other'],
    ['{"messageType":"ping","data":{}', 'other', 'other'],
  ])('%s is heard as %s from a server, as %s from a browser', (text, server, client) => {
    const both = dialogues();
    expect([heard(both.server, text), heard(both.client, text)]).toEqual([server, client]);
  });

  it('is never a reason to fail, whatever it is', async () => {
    const { server, client } = dialogues();
    const types = fc.constantFrom('ping', 'echo', 'data-sync', 'Data-SYNC', 'toString', '__proto__');
    const messages = fc
      .record({ messageType: fc.oneof(types, fc.jsonValue()), data: fc.jsonValue() }, { requiredKeys: [] })
      .map((value) => JSON.stringify(value));
    await check(
      fc.property(fc.oneof(fc.string(), fc.json(), messages), (text) => {
        for (const dialogue of [server, client]) {
          const incoming = dialogue.read(text);
          expect(['reply', 'data-sync', 'other']).toContain(incoming.type);
          if (incoming.type === 'data-sync') expect(Number.isFinite(incoming.cursor)).toBe(true);
        }
      }),
      300,
    );
  });

  it('comes back as an echo exactly as its data was', async () => {
    const { server, client } = dialogues();
    await check(
      fc.property(fc.jsonValue(), fc.constantFrom(server, client), (data, dialogue) => {
        const incoming = dialogue.read(JSON.stringify({ messageType: 'echo', data }));
        if (incoming.type !== 'reply') throw new Error(`it was heard as ${incoming.type}`);
        expect(String(incoming.message)).toBe(JSON.stringify({ messageType: 'echo', data }));
      }),
    );
  });
});

describe('a dialogue', () => {
  it('with a server asks one stream, that of the environment; with a browser a stream of each user', () => {
    const { environment, server, client } = dialogues();
    const streamOf = (dialogue: Dialogue) => {
      const incoming = dialogue.read(request({ timestamp: 0, user: USER }));
      return incoming.type === 'data-sync' ? incoming.stream : undefined;
    };
    expect(streamOf(server)).toBe(environment.feed);
    expect(streamOf(client)).toBeDefined();
    expect(streamOf(client)).not.toBe(streamOf(client));
  });

  it('with a browser is woken by changes of flags until it leaves', () => {
    const { environment, client } = dialogues();
    let woken = 0;
    const leave = client.join({ wake: () => void woken++ });
    expect(environment.changes.readers).toBe(1);
    environment.changes.publish({ version: 2, keys: ['a'] });
    leave();
    environment.changes.publish({ version: 3, keys: ['a'] });
    expect([woken, environment.changes.readers]).toEqual([1, 0]);
  });

  it('pushes nothing to a browser before its first answer', () => {
    const { environment, client } = dialogues();
    const incoming = client.read(request({ timestamp: 0, user: USER }));
    environment.changes.publish({ version: 2, keys: ['a'] });
    expect(incoming.type === 'data-sync' && incoming.stream.next(0)).toBeUndefined();
  });
});
