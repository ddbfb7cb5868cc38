import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveEnvironments } from '../../../src/live/environments.js';
import { AgentHub } from '../../../src/relay/agent/agent-hub.js';
import { RelayedChanges } from '../../../src/relay/relayed-changes.js';
import { AgentConnection } from '../../support/agent-connection.js';
import { FakeClock } from '../../support/fake-clock.js';
import { settled } from '../../support/fake-timers.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { environmentOf, relayedEnvironments, upstreamDocument } from '../../support/relayed.js';

const KEY = 'rp-key';
const QUERY = `type=relay-proxy&token=${KEY}`;
const PING = { messageType: 'ping', data: {} };
const PONG = '{"messageType":"pong","data":{}}';
const SILENCE = 120_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** The agents of a relay that has data of the environments that are named, and gives `empty` without any. */
function aWorld(...filled: readonly string[]) {
  const log = memoryLogger();
  const environments = relayedEnvironments(...filled, 'empty');
  const changes = new RelayedChanges(new FakeClock(), () => {});
  for (const { id, replica } of environments.all) changes.add(id, replica);
  for (const name of filled) environmentOf(environments, name).replica.full([upstreamDocument(name, 1_000)]);
  const live = new LiveEnvironments(changes);
  const hub = new AgentHub({ callers: { isRelayKey: (text) => text === KEY }, environments, live, log });
  const connect = async (query = QUERY, headers: Readonly<Record<string, string>> = {}) => {
    const agent = new AgentConnection(query, headers);
    hub.upgrade(agent.request, agent.socket, Buffer.alloc(0));
    await settled();
    return agent;
  };
  /** An agent that has everything. */
  const follow = async () => {
    const agent = await connect();
    agent.send({ messageType: 'data-sync', data: { timestamp: 0 } });
    await settled();
    return agent;
  };
  return { log, environments, hub, connect, follow };
}

/** The environments in each of an agent's messages. */
const toldTo = (agent: AgentConnection) =>
  agent.received.messages.map((text) => {
    const { items } = JSON.parse(text).data;
    return items.map(({ envId }: { envId: string }) => envId).join(' ');
  });

describe('a request for a stream', () => {
  it.each<[url: string | undefined, isAgents: boolean]>([
    ['/streaming?type=relay-proxy', true],
    ['/streaming?type=relay-proxy&token=x', true],
    ['/streaming?token=x&type=relay-proxy', true],
    ['/?type=relay-proxy', true],
    ['/streaming?type=relay%2Dproxy', true],
    ['/streaming?type=server', false],
    ['/streaming?type=client&type=relay-proxy', false],
    ['/streaming?type=RELAY-PROXY', false],
    ['/streaming?type=relay-proxy%20', false],
    ['/streaming#?type=relay-proxy', false],
    ['/streaming', false],
    ['', false],
    [undefined, false],
    ['http://', false],
    ['//[', false],
  ])("to %j is an agent's: %s", (url, isAgents) => {
    expect(AgentHub.isAgents({ url } as IncomingMessage)).toBe(isAgents);
  });
});

describe('an agent that comes', () => {
  it('with the key is let in and counted until it goes', async () => {
    const { hub, connect, log } = aWorld('a');
    const agent = await connect();
    expect([agent.status, hub.agents, log.lines]).toEqual([101, 1, ['info an agent is connected']]);
    agent.send(PING);
    await settled();
    expect(agent.received.messages).toEqual([PONG]);
    agent.close();
    await settled();
    expect(hub.agents).toBe(0);
  });

  it.each([
    'type=relay-proxy',
    'type=relay-proxy&token=',
    'type=relay-proxy&token=rp-other',
    'type=relay-proxy&token=rp-key%20',
    'type=relay-proxy&token=RP-KEY',
    'type=relay-proxy&token=x&token=rp-key',
  ])('with %j is closed with 4003, and its key is in no log', async (query) => {
    const { hub, connect, log } = aWorld('a');
    const agent = await connect(query);
    expect([agent.status, agent.received, hub.agents]).toEqual([101, { messages: [], code: 4003 }, 0]);
    expect(log.lines).toEqual(['warn an agent was refused: its key is not the one of this relay']);
  });

  it('with a wrong key, and stays, is cut after a second: the relay ends in its time', async () => {
    const { connect } = aWorld('a');
    const agent = await connect('type=relay-proxy&token=x');
    vi.advanceTimersByTime(999);
    expect(agent.isGone).toBe(false);
    vi.advanceTimersByTime(1);
    expect(agent.isGone).toBe(true);
  });

  it('with a wrong key is answered nothing, whatever it asks', async () => {
    const { connect } = aWorld('a');
    const agent = await connect('type=relay-proxy&token=x');
    agent.send({ messageType: 'data-sync', data: { timestamp: 0 } });
    agent.send(PING);
    await settled();
    expect(agent.received.messages).toEqual([]);
  });

  it('comes again while there is no data at all: it would take back what it serves', async () => {
    const { hub, connect, environments } = aWorld();
    const agent = await connect();
    expect([agent.status, agent.isGone, hub.agents]).toEqual([503, true, 0]);
    environmentOf(environments, 'empty').replica.full([]);
    expect((await connect()).status).toBe(101);
  });

  it('with a wrong key learns nothing of whether there is data', async () => {
    expect((await aWorld().connect('type=relay-proxy&token=x')).received.code).toBe(4003);
  });

  it('as the hundred and first comes again when there is room', async () => {
    const { hub, connect } = aWorld('a');
    const agents: AgentConnection[] = [];
    for (let count = 0; count < 100; count++) agents.push(await connect());
    const late = await connect();
    expect([late.status, late.isGone, hub.agents]).toEqual([503, true, 100]);
    agents[0]?.close();
    await settled();
    expect((await connect()).status).toBe(101);
    expect(hub.agents).toBe(100);
  });

  it('and cannot speak WebSocket is refused', async () => {
    const { hub, connect } = aWorld('a');
    const agent = await connect(QUERY, { 'sec-websocket-key': 'short' });
    expect([agent.status, hub.agents]).toEqual([400, 0]);
  });
});

describe('agents that are connected', () => {
  it('are given everything anew when environments change, those that have asked', async () => {
    const { hub, connect, follow, environments } = aWorld('a', 'b');
    const [silent, one, other] = [await connect(), await follow(), await follow()];
    environments.remove('id-b');
    hub.environmentsChanged();
    await settled();
    expect(toldTo(one)).toEqual(['id-a id-b', 'id-a']);
    expect(toldTo(other)).toEqual(['id-a id-b', 'id-a']);
    expect(toldTo(silent)).toEqual([]);
  });

  it('are given an environment of which there is data only after they came', async () => {
    const { hub, follow, environments } = aWorld('a');
    const agent = await follow();
    hub.environmentFilled('id-a');
    hub.environmentFilled('id-empty');
    await settled();
    expect(toldTo(agent)).toEqual(['id-a']);
    environmentOf(environments, 'empty').replica.full([]);
    hub.environmentFilled('id-empty');
    hub.environmentFilled('id-empty');
    await settled();
    expect(toldTo(agent)).toEqual(['id-a', 'id-a id-empty']);
  });

  it('are sent nothing any more once they are gone', async () => {
    const { hub, follow } = aWorld('a');
    const agent = await follow();
    agent.close();
    await settled();
    hub.environmentsChanged();
    hub.environmentFilled('id-empty');
    await settled();
    expect(toldTo(agent)).toEqual(['id-a']);
  });

  it('stay while they say something, whatever it is', async () => {
    const { hub, connect } = aWorld('a');
    const agent = await connect();
    for (let beat = 0; beat < 5; beat++) {
      agent.send('no JSON');
      await settled();
      vi.advanceTimersByTime(SILENCE);
    }
    await settled();
    expect([agent.isGone, hub.agents]).toEqual([false, 1]);
  });

  it('are gone when they say nothing from one beat to the next', async () => {
    const { hub, connect } = aWorld('a');
    const [silent, alive] = [await connect(), await connect()];
    vi.advanceTimersByTime(SILENCE);
    await settled();
    expect([silent.isGone, hub.agents]).toEqual([false, 2]);
    alive.send(PING);
    await settled();
    vi.advanceTimersByTime(SILENCE);
    await settled();
    expect([silent.isGone, alive.isGone, hub.agents]).toEqual([true, false, 1]);
  });

  it('may ask with 256 KiB, and are closed with 1009 for more', async () => {
    const { connect } = aWorld('a');
    const agent = await connect();
    const question = (bytes: number) => JSON.stringify({ ...PING, x: '' }).replace('""', `"${'x'.repeat(bytes)}"`);
    agent.send(question(256 * 1024 - JSON.stringify({ ...PING, x: '' }).length));
    await settled();
    expect(agent.received.messages).toEqual([PONG]);
    agent.send(question(256 * 1024));
    await settled();
    expect(agent.received.code).toBe(1009);
  });

  it('do no harm when their connection fails', async () => {
    const { hub, connect, follow } = aWorld('a');
    const [agent, other] = [await connect(), await follow()];
    agent.socket.destroy(new Error('ECONNRESET'));
    await settled();
    expect(hub.agents).toBe(1);
    hub.environmentsChanged();
    await settled();
    expect(toldTo(other)).toEqual(['id-a', 'id-a']);
  });
});

describe('a relay that stops', () => {
  it('closes each agent with the code after which it comes back, and waits for its answer', async () => {
    const { hub, follow } = aWorld('a');
    const agents = [await follow(), await follow()];
    let isClosed = false;
    const closing = hub.close().then(() => {
      isClosed = true;
    });
    await settled();
    expect(agents.map(({ received }) => received.code)).toEqual([1001, 1001]);
    expect(isClosed).toBe(false);
    for (const agent of agents) agent.close(1001);
    await closing;
    expect(agents.map(({ isGone }) => isGone)).toEqual([true, true]);
  });

  it('waits a second for an agent that does not answer, and no longer', async () => {
    const { hub, follow } = aWorld('a');
    const agent = await follow();
    const closing = hub.close();
    vi.advanceTimersByTime(999);
    await settled();
    expect(agent.isGone).toBe(false);
    vi.advanceTimersByTime(1);
    await closing;
    expect(agent.isGone).toBe(true);
  });

  it('is not held up by an agent whose connection has ended just before', async () => {
    const { hub, connect } = aWorld('a');
    const agent = await connect();
    const ended = new Promise<void>((resolve) => {
      agent.socket.prependListener('close', () => {
        // The connection is over, and the hub has not heard of it yet.
        expect(hub.agents).toBe(1);
        void hub.close().then(resolve);
      });
    });
    agent.socket.removeAllListeners('error').on('error', () => {});
    agent.socket.destroy();
    await settled();
    vi.advanceTimersByTime(1_000);
    await ended;
  });

  it('lets in nobody any more, with an answer after which agents come again', async () => {
    const { hub, connect } = aWorld('a');
    await hub.close();
    const agent = await connect();
    expect([agent.status, agent.isGone]).toEqual([503, true]);
  });

  it('without agents is stopped at once, and leaves no timer', async () => {
    const { hub } = aWorld('a');
    await hub.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
