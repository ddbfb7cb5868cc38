/**
 * The driver's side of the protocol for SDKs that run on Node: reads requests, calls the operation, writes the reply.
 * An operation is an async function of the request's parameters; what it throws is reported as the SDK's.
 */
import { createInterface } from 'node:readline';

/** Thrown by an operation that the SDK does not have. */
export class NotOffered extends Error {}

/** Starts to serve; ends when the suite asks for it or goes away. */
export function serve(operations) {
  // SDKs log to standard output, which belongs to the replies.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async (line) => {
    const { id, op, ...params } = JSON.parse(line);
    let reply;
    try {
      const operation = Object.hasOwn(operations, op) ? operations[op] : undefined;
      if (operation === undefined) throw new NotOffered(op);
      reply = { id, result: (await operation(params)) ?? {} };
    } catch (error) {
      const code = error instanceof NotOffered ? 'not-offered' : 'threw';
      reply = { id, error: { code, message: String(error?.message ?? error) } };
    }
    write(`${JSON.stringify(reply)}\n`, () => op === 'exit' && process.exit(0));
  });
  lines.on('close', () => process.exit(0));
}
