import { BATCH, type DrawnEvent, drawEvents } from './events.js';
import { type Asked, Requests } from './requests.js';

/** Requests that are under way at a time. */
const CONNECTIONS = 4;

/** Sends so many events, as a fleet of SDKs does. */
export async function sendEvents(
  url: string,
  requestOf: (events: readonly DrawnEvent[]) => Asked,
  events: number,
  flags: number,
): Promise<void> {
  using requests = new Requests(url, CONNECTIONS);
  const count = Math.ceil(events / BATCH);
  await requests.askAll(Array.from({ length: count }, (_, index) => requestOf(drawEvents(index, flags))));
}

/** How a center is sent events. */
export function insightsRequest(secret: string, events: readonly DrawnEvent[]): Asked {
  const items = events.map(({ user: keyId, at: timestamp, ...event }) => {
    const user = { keyId, name: '', customizedProperties: [] };
    if (event.kind === 'metric')
      return { user, metrics: [{ eventName: event.name, numericValue: event.value, timestamp }] };
    const variation = { id: event.isOn ? 'on' : 'off', value: 'true' };
    return { user, variations: [{ featureFlagKey: event.flag, variation, timestamp, sendToExperiment: true }] };
  });
  const headers = { authorization: secret };
  return { method: 'POST', path: '/api/public/insight/track', headers, body: JSON.stringify(items) };
}
