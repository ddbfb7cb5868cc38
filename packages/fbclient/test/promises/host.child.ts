/** A host process: uses clients without pause until its input ends, then closes them and says how it went. */
import { FBClient, type Options } from 'fbclient';

export interface HostInput {
  readonly clients: readonly Options[];
}

export interface HostResult {
  readonly evaluations: number;
  readonly thrown: string[];
  readonly statuses: string[];
  /** Whether the process has another way of making its own requests (`fetch`) than it had. */
  readonly fetchReplaced: boolean;
}

const { clients: options } = JSON.parse(process.argv[2] ?? '') as HostInput;
const clients = options.map((one) => new FBClient(one));
const result = { evaluations: 0, thrown: [] as string[], statuses: [] as string[], fetchReplaced: false };
const user = { key: 'u', email: 'a@b.c' };

function use(client: FBClient): void {
  try {
    for (const flagKey of ['f', 'in-segment', 'absent']) {
      client.variation(flagKey, user, 'none');
      client.boolVariation(flagKey, user, false);
    }
    client.getAllLatestFlagVariations(user).toJSON();
    client.trackMetric(user, 'metric');
    result.evaluations += 7;
  } catch (error) {
    result.thrown.push(String(error));
  }
}

// Nothing is caught here on purpose: an unhandled rejection or an uncaught exception ends the process with a code.
const timer = setInterval(() => clients.forEach(use), 2);
console.log('using');
process.stdin.resume().on('end', async () => {
  clearInterval(timer);
  result.statuses.push(...clients.map(({ status }) => status));
  await Promise.all(clients.map((client) => client.close()));
  // Where undici and the fetch of Node.js look for it.
  result.fetchReplaced = Symbol.for('undici.globalDispatcher.1') in globalThis;
  console.log(JSON.stringify(result satisfies HostResult));
});
