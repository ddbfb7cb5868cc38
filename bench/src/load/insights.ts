import { Agent, request } from 'node:http';

/** Events of a request, as SDKs send them. */
export const BATCH = 50;
/** Requests that are under way at a time. */
const CONNECTIONS = 4;
const USERS = 200_000;

/** Sends so many events, as a fleet of SDKs does: seven of ten are evaluations, the others metrics. */
export async function sendEvents(url: string, secret: string, events: number, flags: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const bodies = Array.from({ length: Math.ceil(events / BATCH) }, (_, index) => bodyOf(index, flags));
  try {
    const senders = Array.from({ length: CONNECTIONS }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await send(agent, url, secret, body);
    });
    await Promise.all(senders);
  } finally {
    agent.destroy();
  }
}

function bodyOf(number: number, flags: number): string {
  const timestamp = Date.now();
  const items = Array.from({ length: BATCH }, (_, index) => {
    // Spread over users and flags, and the same in every run.
    const drawn = (number * BATCH + index) * 7_919;
    const user = { keyId: `user-${drawn % USERS}`, name: '', customizedProperties: [] };
    if (index % 10 >= 7)
      return { user, metrics: [{ eventName: 'purchase', numericValue: (drawn % 9_900) / 100, timestamp }] };
    const variation = { id: drawn % 2 === 0 ? 'off' : 'on', value: 'true' };
    const featureFlagKey = `flag-${drawn % Math.min(flags, 20)}`;
    return { user, variations: [{ featureFlagKey, variation, timestamp, sendToExperiment: true }] };
  });
  return JSON.stringify(items);
}

function send(agent: Agent, url: string, authorization: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/public/insight/track`, { method: 'POST', agent, headers: { authorization } });
    sent.once('error', reject);
    sent.once('response', (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`events were answered ${answer.statusCode}`));
      });
    });
    sent.end(body);
  });
}
