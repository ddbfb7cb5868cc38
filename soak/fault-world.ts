import { FaultServer, SECRET } from '../packages/fbclient/test/support/fault-server.js';
import { FAULTS, heal } from './faults.js';
import { Ledger } from './ledger.js';
import { Random } from './random.js';
import { Truth } from './truth.js';
import type { World } from './world.js';

/** A network at which everything goes wrong. */
export async function faultWorld(seed: number): Promise<World> {
  const ledger = new Ledger();
  const server = await FaultServer.start({ consume: ledger.consume });
  const truth = new Truth(server, new Random(seed));
  const faults = Object.entries(FAULTS).map(([name, fault]) => {
    return [name, (random: Random) => fault({ server, truth, random })] as const;
  });
  return {
    streamingUrl: server.options.streamingUrl,
    eventUrl: server.options.eventUrl,
    secret: SECRET,
    faults: Object.fromEntries(faults),
    losesAnswers: true,
    heal: () => heal(server),
    change: () => truth.change(),
    get digests() {
      return truth.digests;
    },
    get ledger() {
      return ledger.summary;
    },
    close: async () => server.close(),
  };
}
