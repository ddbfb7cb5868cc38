/** `npm run relay:field`: a relay between a center and a thousand SDKs, while things are killed. */
import { parseArgs } from 'node:util';
import { Random } from '../random.js';
import { showLines } from '../show.js';
import { runRelay } from './run.js';

const HELP = `npm run relay:field [-- OPTIONS]

Starts a center, a relay in front of it, and raw SDKs behind the relay, all on loopback; @featbit/node-server-sdk is one more of them. Kills
the center, the relay, and both; flags change and insights are reported all the while. Says what SDKs had, what of the insights was lost or
counted twice, and whether anybody was taken back. It ends by itself within two minutes, and with code 1 when something is not as it must be.

  --connections N   raw SDKs (1000)
  --flags N         flags (50)
  --outage SECONDS  how long upstream is away the first time (10)
  --seed N          of what is changed, and when (1)
  --help            this text`;

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    flags: { type: 'string', default: '50' },
    outage: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean' },
  },
});

if (values.help === true) {
  console.log(HELP);
} else {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1_000).toFixed(0).padStart(5)} s`;
  const progress = (text: string) => console.log(`${seconds()}  ${text}`);
  console.log(`seed ${values.seed}`);
  const lines = await runRelay({
    random: new Random(Number(values.seed)),
    connections: Number(values.connections),
    flags: Number(values.flags),
    outage: Number(values.outage) * 1_000,
    progress,
  });
  console.log(`${seconds()}  done\n`);
  showLines(lines);
  process.exitCode = lines.some(({ good }) => good === false) ? 1 : 0;
}
