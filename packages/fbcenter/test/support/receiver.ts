import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A message that came. */
interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages freely
  readonly body: any;
}

/** A receiver of webhooks, on this machine. */
interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it answers from now on: a status, or whatever is done with the response. */
  answer: number | ((response: ServerResponse) => void);
}

export async function startReceiver(answer: Receiver['answer'] = 204): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const { method = '', url: path = '', headers } = request;
    receiver.received.push({ method, path, headers, text, body: JSON.parse(text) });
    if (typeof receiver.answer === 'function') receiver.answer(response);
    else response.writeHead(receiver.answer).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = { url: `http://127.0.0.1:${port}/hook?x=y`, received: [], answer };
  return receiver;
}

/** Checks a message as receivers do, by nothing but the specification. */
export function isSignedBy(secret: string, { headers, text }: Received): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}
