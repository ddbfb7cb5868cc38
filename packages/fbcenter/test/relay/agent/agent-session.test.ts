import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveEnvironments } from '../../../src/live/environments.js';
import { AgentSession } from '../../../src/relay/agent/agent-session.js';
import { RelayedChanges } from '../../../src/relay/relayed-changes.js';
import type { RelayedEnvironment } from '../../../src/relay/relayed-environments.js';
import { FakeAgentSocket } from '../../support/fake-agent-socket.js';
import { FakeClock } from '../../support/fake-clock.js';
import { settled } from '../../support/fake-timers.js';
import { check } from '../../support/property.js';
import { anIdentity, environmentOf, relayedEnvironments, upstreamDocument } from '../../support/relayed.js';

const T = Date.UTC(2026, 0, 1);
/** More than may wait for an agent. */
const TOO_MUCH = 1024 * 1024 + 1;

/** An agent at a relay of the environments `a` and `b`, each with a flag of its name; `c` is given and holds nothing. */
function aWorld() {
  const errors: unknown[] = [];
  const changes = new RelayedChanges(new FakeClock(), (error) => errors.push(error));
  const environments = relayedEnvironments('a', 'b', 'c');
  for (const { id, replica } of environments.all) changes.add(id, replica);
  const live = new LiveEnvironments(changes);
  const socket = new FakeAgentSocket();
  const session = new AgentSession(socket.asWebSocket, { environments, live });
  const of = (name: string): RelayedEnvironment => environmentOf(environments, name);
  const flags = (name: string, named: readonly string[]) =>
    named.map((one) => {
      const [key = '', version = ''] = one.split('@');
      return upstreamDocument(key, T + Number(version), 'flag', { envId: `id-${name}` });
    });
  /** What upstream says of an environment, as the relay takes it in. */
  const full = (name: string, ...named: readonly string[]) =>
    changes.report(of(name), of(name).replica.full(flags(name, named)));
  const patch = (name: string, ...named: readonly string[]) =>
    changes.report(of(name), of(name).replica.patch(flags(name, named)));
  full('a', 'a@1');
  full('b', 'b@1');
  const ask = (data: unknown) => session.receive(JSON.stringify({ messageType: 'data-sync', data }));
  const askSince = (cursors: Readonly<Record<string, number>>) =>
    ask({
      timestamp: T,
      envs: Object.entries(cursors).map(([name, timestamp]) => ({ envId: `id-${name}`, timestamp: T + timestamp })),
    });
  return { environments, changes, live, socket, session, of, full, patch, ask, askSince, errors };
}

const EVERYTHING = 'rp_full id-a[a] id-b[b]';

describe('what an agent sends', () => {
  it.each<[what: string, text: string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[{"messageType":"ping"}]'],
    ['a text', '"ping"'],
    ['of no type', '{"data":{"timestamp":0}}'],
    ['of another type', '{"messageType":"echo","data":{}}'],
    ['its status', '{"messageType":"rp-agent-status","data":{"agentId":"x","status":"{}"}}'],
    ['a type that is no text', '{"messageType":["ping"]}'],
    ['a question without its data', '{"messageType":"data-sync"}'],
    ['a question whose data is null', '{"messageType":"data-sync","data":null}'],
    ['a question whose data is a list', '{"messageType":"data-sync","data":[]}'],
    ['a question whose time is a text', '{"messageType":"data-sync","data":{"timestamp":"0"}}'],
    ['a question whose environments are no list', '{"messageType":"data-sync","data":{"timestamp":1,"envs":{}}}'],
  ])('gets no answer when it is %s, and the next question does', (_, text) => {
    const { session, socket, ask } = aWorld();
    session.receive(text);
    expect(socket.taken()).toEqual([]);
    ask({ timestamp: 0 });
    expect(socket.taken()).toEqual([EVERYTHING]);
  });

  it.each(['{"messageType":"ping"}', '{"messageType":"ping","data":{}}', '{"messageType":"ping","data":7}'])(
    'is answered with a pong when it is %s, before anything was asked for too',
    (text) => {
      const { session, socket } = aWorld();
      session.receive(text);
      session.receive(text);
      expect(socket.sent).toEqual(['{"messageType":"pong","data":{}}', '{"messageType":"pong","data":{}}']);
    },
  );

  it('may be anything: nothing is thrown', async () => {
    const { session } = aWorld();
    await check(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => session.receive(text)),
      300,
    );
  });
});

describe('the answer to an agent', () => {
  it.each<[what: string, cursors: Readonly<Record<string, number>>, answer: string]>([
    ['has all of both', { a: 2, b: 1 }, 'rp_patch id-a[] id-b[]'],
    ['lacks a change of one', { a: 1, b: 1 }, 'rp_patch id-a[new] id-b[]'],
    ['knows only one', { a: 2 }, 'rp_full id-a[a new] id-b[b]'],
    ['knows neither', {}, 'rp_full id-a[a new] id-b[b]'],
    ['has nothing of one', { a: 2, b: -T }, 'rp_full id-a[a new] id-b[b]'],
    ['is ahead of one', { a: 2, b: 99 }, 'rp_full id-a[a new] id-b[b]'],
    ['has something of one that never was', { a: 0, b: 1 }, 'rp_full id-a[a new] id-b[b]'],
    ['knows one more that is gone', { a: 2, b: 1, z: 1 }, 'rp_patch id-a[] id-b[]'],
    ['knows one more of which the relay has no data', { a: 2, b: 1, c: 1 }, 'rp_patch id-a[] id-b[]'],
  ])('that %s is %s %s', (_, cursors, answer) => {
    const { socket, askSince, patch } = aWorld();
    patch('a', 'new@2');
    askSince(cursors);
    expect(socket.taken()).toEqual([answer]);
  });

  it('has the secrets in everything, and in no other message', async () => {
    const { socket, ask, askSince, patch } = aWorld();
    ask({ timestamp: 0 });
    expect(socket.sent.join('\n')).toContain('"value":"server-of-a"');
    socket.taken();
    askSince({ a: 1, b: 1 });
    patch('a', 'x@5');
    await settled();
    expect(socket.sent).toHaveLength(2);
    expect(socket.sent.join('\n')).not.toContain('server-of-');
  });

  it('leaves out an environment of which there is no data: an empty one would be taken for the truth', () => {
    const { socket, ask, full } = aWorld();
    ask({ timestamp: 0 });
    expect(socket.taken()).toEqual([EVERYTHING]);
    full('c');
    ask({ timestamp: 0 });
    expect(socket.taken()).toEqual([`${EVERYTHING} id-c[]`]);
  });

  it('is given anew to each question, and changes come once all the same', async () => {
    const { socket, ask, patch, live } = aWorld();
    for (let question = 0; question < 3; question++) ask({ timestamp: 0 });
    expect(socket.taken()).toEqual([EVERYTHING, EVERYTHING, EVERYTHING]);
    expect(live.of('id-a').feed.readers).toBe(1);
    patch('a', 'x@5');
    await settled();
    expect(socket.taken()).toEqual(['patch x']);
  });
});

describe('changes after the answer', () => {
  it('are not sent to an agent that has not asked', async () => {
    const { socket, patch, session } = aWorld();
    patch('a', 'x@5');
    session.sendEverything();
    session.filled('id-a');
    await settled();
    expect(socket.taken()).toEqual([]);
  });

  it('come one by one and in order, each once, of every environment', async () => {
    const { socket, ask, patch } = aWorld();
    ask({ timestamp: 0 });
    patch('a', 'x@5', 'y@6');
    patch('b', 'z@3');
    patch('a', 'x@7');
    await settled();
    socket.flush();
    await settled();
    expect(socket.taken().slice(1).toSorted()).toEqual(['patch x', 'patch x', 'patch y', 'patch z']);
  });

  it('are as upstream sent them: the environment is in each document', async () => {
    const { socket, ask, patch } = aWorld();
    ask({ timestamp: 0 });
    patch('a', 'x@5');
    await settled();
    expect(JSON.parse(socket.sent[1] ?? '')).toMatchObject({
      messageType: 'data-sync',
      data: { eventType: 'patch', featureFlags: [{ key: 'x', updatedAt: new Date(T + 5).toISOString() }] },
    });
  });

  it('that came before the answer are in it, and not sent again', async () => {
    const { socket, ask, patch } = aWorld();
    patch('a', 'x@5');
    ask({ timestamp: 0 });
    await settled();
    socket.flush();
    expect(socket.taken()).toEqual(['rp_full id-a[a x] id-b[b]']);
  });

  it('are everything when upstream has lost something', async () => {
    const { socket, ask, full } = aWorld();
    ask({ timestamp: 0 });
    socket.taken();
    full('a', 'other@9');
    await settled();
    expect(socket.taken()).toEqual(['rp_full id-a[other] id-b[b]']);
  });

  it('end with the connection', async () => {
    const { socket, ask, patch, full, session, live } = aWorld();
    ask({ timestamp: 0 });
    session.end();
    expect(live.of('id-a').feed.readers).toBe(0);
    patch('a', 'x@5');
    full('b', 'other@9');
    full('c', 'c@1');
    session.filled('id-c');
    session.sendEverything();
    await settled();
    socket.flush();
    expect(socket.taken()).toEqual([EVERYTHING]);
  });
});

describe('environments that come and go', () => {
  it('are everything anew for an agent that was told of others', () => {
    const { socket, ask, environments, session } = aWorld();
    ask({ timestamp: 0 });
    environments.remove('id-b');
    session.sendEverything();
    environments.put(anIdentity('a', { secrets: [{ kind: 'server', value: 'another' }] }));
    session.sendEverything();
    expect(socket.sent.at(-1)).toContain('"value":"another"');
    expect(socket.sent.at(-1)).not.toContain('server-of-a');
    expect(socket.taken()).toEqual([EVERYTHING, 'rp_full id-a[a]', 'rp_full id-a[a]']);
  });

  it('reach an agent that was told in between that there is none', () => {
    const { socket, ask, environments, session } = aWorld();
    ask({ timestamp: 0 });
    const held = environments.all;
    for (const { id } of held) environments.remove(id);
    session.sendEverything();
    environments.put(anIdentity('a')).replica.full([upstreamDocument('a', T)]);
    session.sendEverything();
    expect(socket.taken()).toEqual([EVERYTHING, 'rp_full', 'rp_full id-a[a]']);
  });

  it('reach an agent when there is data of one for the first time, though it is empty', async () => {
    const { socket, ask, full, patch, session } = aWorld();
    ask({ timestamp: 0 });
    session.filled('id-c');
    expect(socket.taken()).toEqual([EVERYTHING]);
    full('c');
    session.filled('id-c');
    expect(socket.taken()).toEqual([`${EVERYTHING} id-c[]`]);
    patch('c', 'x@5');
    await settled();
    expect(socket.taken()).toEqual(['patch x']);
  });

  it('that an agent has are no news to it, nor are those that are not given to the relay', () => {
    const { socket, ask, session } = aWorld();
    ask({ timestamp: 0 });
    for (const id of ['id-a', 'id-b', 'id-z', '']) session.filled(id);
    expect(socket.taken()).toEqual([EVERYTHING]);
  });
});

describe('an agent that does not take what it is sent', () => {
  it('is sent no change until it has, then all of them', async () => {
    const { socket, ask, patch } = aWorld();
    ask({ timestamp: 0 });
    socket.bufferedAmount += TOO_MUCH;
    patch('a', 'x@5');
    patch('b', 'y@5');
    await settled();
    expect(socket.taken()).toEqual([EVERYTHING]);
    socket.bufferedAmount -= TOO_MUCH;
    socket.flush();
    expect(socket.taken()).toEqual(['patch x', 'patch y']);
  });

  it('is sent changes of all environments, though only one of them has filled the connection', async () => {
    const { socket, ask, patch } = aWorld();
    ask({ timestamp: 0 });
    socket.flush();
    socket.taken();
    socket.weight = TOO_MUCH;
    patch('a', 'x@5');
    patch('b', 'y@5');
    await settled();
    expect(socket.taken()).toEqual(['patch x']);
    socket.flush();
    expect(socket.taken()).toEqual(['patch y']);
  });

  it('is sent everything once, however often that would have been due', async () => {
    const { socket, ask, full, session } = aWorld();
    ask({ timestamp: 0 });
    socket.bufferedAmount += TOO_MUCH;
    for (let time = 0; time < 5; time++) session.sendEverything();
    full('a', 'other@9');
    full('c', 'c@1');
    session.filled('id-c');
    await settled();
    expect(socket.taken()).toEqual([EVERYTHING]);
    socket.bufferedAmount -= TOO_MUCH;
    socket.flush();
    socket.flush();
    expect(socket.taken()).toEqual(['rp_full id-a[other] id-b[b] id-c[c]']);
  });

  it('is answered once, and with no pong, however often it asks', () => {
    const { socket, ask, session } = aWorld();
    ask({ timestamp: 0 });
    socket.bufferedAmount += TOO_MUCH;
    for (let time = 0; time < 5; time++) {
      ask({ timestamp: 0 });
      session.receive('{"messageType":"ping"}');
    }
    expect(socket.taken()).toEqual([EVERYTHING]);
    socket.bufferedAmount -= TOO_MUCH;
    socket.flush();
    socket.flush();
    expect(socket.taken()).toEqual([EVERYTHING]);
  });

  it('is answered too when only pongs wait for it', () => {
    const { socket, ask, session } = aWorld();
    session.receive('{"messageType":"ping"}');
    socket.bufferedAmount += TOO_MUCH;
    ask({ timestamp: 0 });
    expect(socket.taken()).toEqual(['pong']);
    socket.bufferedAmount -= TOO_MUCH;
    socket.flush();
    expect(socket.taken()).toEqual([EVERYTHING]);
  });

  it('is forgotten with what it still had to get when it is gone', () => {
    const { socket, ask, session } = aWorld();
    ask({ timestamp: 0 });
    socket.bufferedAmount += TOO_MUCH;
    session.sendEverything();
    session.end();
    socket.bufferedAmount -= TOO_MUCH;
    socket.flush();
    expect(socket.taken()).toEqual([EVERYTHING]);
  });
});

describe('an agent, whatever happens to the relay', () => {
  it('has what the relay has once it has taken what it was sent', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const key = fc.constantFrom('x', 'y', 'z');
    const version = fc.integer({ min: 1, max: 40 });
    const named = fc.array(
      fc.tuple(key, version).map(([one, at]) => `${one}@${at}`),
      { maxLength: 3 },
    );
    const step = fc.oneof(
      fc.record({ kind: fc.constant('full' as const), name, named }),
      fc.record({ kind: fc.constant('patch' as const), name: fc.constantFrom('a', 'b'), named }),
      fc.record({ kind: fc.constantFrom('stall' as const, 'flush' as const, 'turn' as const) }),
    );
    await check(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { socket, ask, full, patch, of, session, errors } = aWorld();
        ask({ timestamp: 0 });
        for (const one of steps) {
          if (one.kind === 'full') {
            full(one.name, ...one.named);
            session.filled(of(one.name).id);
          } else if (one.kind === 'patch') patch(one.name, ...one.named);
          else if (one.kind === 'turn') await settled();
          else {
            socket.weight = one.kind === 'stall' ? TOO_MUCH : 0;
            if (one.kind === 'flush') socket.flush();
          }
        }
        await settled();
        socket.weight = 0;
        while (socket.bufferedAmount > 0) socket.flush();
        const has = new Map<string, string>();
        for (const text of socket.sent) take(has, JSON.parse(text).data);
        const holds = ['a', 'b', 'c'].flatMap((one) =>
          of(one)
            .replica.everything()
            .documents.map(({ text }) => JSON.parse(text)),
        );
        expect(Object.fromEntries(has)).toEqual(
          Object.fromEntries(holds.map((flag: Flag) => [nameOf(flag), flag.updatedAt])),
        );
        expect(errors).toEqual([]);
      }),
      60,
    );
  });
});

interface Flag {
  readonly envId: string;
  readonly key: string;
  readonly updatedAt: string;
}

interface Sent {
  readonly eventType: string;
  readonly featureFlags?: readonly Flag[];
  readonly items?: readonly Sent[];
}

/** Takes a message in as an agent does: by flag, when it was changed. */
function take(has: Map<string, string>, { eventType, featureFlags = [], items = [] }: Sent): void {
  if (eventType === 'rp_full') has.clear();
  for (const flag of [...featureFlags, ...items.flatMap((item) => item.featureFlags ?? [])]) {
    has.set(nameOf(flag), flag.updatedAt);
  }
}

function nameOf({ envId, key }: Flag): string {
  return `${envId} ${key}`;
}
