import { readFile } from 'node:fs/promises';
import { fileContent } from '../node/file-content.js';
import { nodePlatform } from '../node/node-platform.js';
import { textOf } from '../protocol/large-message.js';
import { type DataSync, decodeDataSyncEnvelope } from '../protocol/messages.js';
import { errorName } from '../runtime/contain.js';
import { type HttpVerdict, judgeHttp } from '../runtime/http-verdict.js';
import type { HttpOutcome } from '../runtime/platform.js';
import type { Origin } from './arguments.js';
import { CommandProblem } from './problem.js';

const REQUEST_TIMEOUT = 30_000;
const MAX_MESSAGE = 256 * 1024 * 1024;

/** Reads all the flags of an environment. @throws CommandProblem when they cannot be had. */
export function readEnvironment(origin: Origin): Promise<DataSync> {
  return origin.kind === 'file' ? readFlagsFile(origin.path) : askServer(origin.url, origin.secret);
}

async function readFlagsFile(path: string): Promise<DataSync> {
  let text: string;
  try {
    text = new TextDecoder().decode(await readFile(path));
  } catch (error) {
    throw new CommandProblem(`${path} cannot be read (${errorName(error)})`);
  }
  const content = decodeDataSyncEnvelope(text);
  if (content.ok) return content.value;
  // Looked at once more for the place of what is wrong.
  const steps = fileContent(text);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  throw new CommandProblem(`${path} ${typeof step.value === 'string' ? step.value : content.problem}`);
}

async function askServer(url: string, secret: string): Promise<DataSync> {
  const network = nodePlatform.network({
    proxy: undefined,
    ca: undefined,
    rejectUnauthorized: true,
    maxMessageSize: MAX_MESSAGE,
  });
  try {
    const outcome = await new Promise<HttpOutcome>((resolve) => {
      network.request(
        {
          method: 'GET',
          url: `${url}/api/public/sdk/server/latest-all`,
          headers: { Authorization: secret },
          timeout: REQUEST_TIMEOUT,
          maxBody: MAX_MESSAGE,
          compressed: true,
        },
        resolve,
      );
    });
    return flagsOf(judgeHttp(outcome, nodePlatform.clock.now()), url);
  } finally {
    network.close();
  }
}

function flagsOf(verdict: HttpVerdict, url: string): DataSync {
  if (verdict.kind === 'unauthorized') {
    const check = "check that it is the environment's server secret, not the client secret, and of this server";
    throw new CommandProblem(`${url} refuses the secret (${verdict.problem}): ${check}`);
  }
  if (verdict.kind !== 'done') throw new CommandProblem(`${url} could not be asked for the flags: ${verdict.problem}`);
  const data = decodeDataSyncEnvelope(textOf(verdict.body));
  if (data.ok) return data.value;
  throw new CommandProblem(`${url} does not answer as a flag server does (${data.problem}): check the URL`);
}
