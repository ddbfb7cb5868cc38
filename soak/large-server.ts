/** The server of `large-sync.ts`, in a process of its own: what it does takes no time from the SDK's event loop. */
import { FaultServer } from '../packages/fbclient/test/support/fault-server.js';
import { againText, flagText, fullText, SMALL } from './large-environment.js';

/** What the server is told. */
export type LargeOrder = 'push' | 'push again' | 'end';

const server = await FaultServer.start();
server.data.put(...SMALL);
const texts = [fullText('new', 2), ...['first', 'second', 'third'].map((value, index) => flagText(value, 10 + index))];
const again = againText('new', 2, 'healed', 20);
process.on('message', (order: LargeOrder) => {
  if (order === 'push') {
    for (const text of texts) server.streams.send(text);
  } else if (order === 'push again') {
    server.streams.send(again);
  } else {
    server.close();
    process.disconnect();
  }
});
process.send?.(server.options);
