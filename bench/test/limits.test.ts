import { describe, expect, it } from 'vitest';
// The built ones: the server of the events is a built file.
import { sdk as readyEvents } from '../dist/events/ready-events.js';
import { sdk as bareLoop } from '../dist/growth/bare-loop.js';
import { startSink } from '../dist/sink/start-sink.js';
import { checkBulk } from '../src/environment/check.js';
import { makeUsers } from '../src/environment/generate.js';
import { GROWING } from '../src/environment/growing.js';
import { seededRandom } from '../src/environment/random.js';

describe('what the limits do is what fbclient has to do at least', () => {
  it('a bare loop gives the right value of every flag', async () => {
    const { environment, users } = GROWING.find(({ asks }) => asks === 'all flags')?.make(200) ?? expect.unreachable();
    const client = await bareLoop.open(bareLoop.encode(environment));
    const { expected } = await checkBulk(bareLoop, client, { environment, users: users.slice(0, 5) });
    expect(new Set(expected).size).toBeGreaterThan(1);
  });

  it('ready events are all sent, fifty in a request', async () => {
    await using sink = await startSink();
    const client = await readyEvents.open('', { eventsUrl: sink.url });
    const events = makeUsers(seededRandom(1), 520).map((user) => client.prepare(user));
    for (const event of events) client.isOn('a-flag', event);
    await client.flush();
    await client.close();
    expect(await sink.counts()).toMatchObject({ requests: 11, evaluations: 520 });
  });
});
