import { type Answer, bytes, json, jsonText } from '../../http/answer.js';
import type { Exchange, Route } from '../../http/exchange.js';
import { Refusal } from '../../model/refusal.js';
import type { Clock } from '../../runtime/clock.js';
import type { RelayedEnvironments } from '../relayed-environments.js';
import type { AgentIntake } from './agent-intake.js';
import { decodeAgentData, encodeItems, statusOf, summaryOf } from './agent-message.js';

/** Whole environments, with everything in them. */
const BOOTSTRAP_LIMIT = 32 * 1024 * 1024;

export interface AgentRouteParts {
  readonly environments: RelayedEnvironments;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent where upstream fills the relay: what was posted would be undone by it. */
  readonly intake: Pick<AgentIntake, 'take'> | undefined;
}

/** What FeatBit's back end calls of an agent, and agents of a server. */
export function agentRoutes({ environments, clock, intake }: AgentRouteParts): readonly Route[] {
  const byAgent = { access: 'relay-key' } as const;
  return [
    { method: 'POST', path: '/api/public/agent/register', ...byAgent, handler: register },
    {
      method: 'GET',
      path: '/api/public/proxy/status',
      ...byAgent,
      handler: async () => json(statusOf(environments.all, clock.now())),
    },
    {
      method: 'GET',
      path: '/api/public/proxy/backup',
      ...byAgent,
      handler: async () => {
        const filled = environments.all.filter(({ replica }) => replica.isFilled);
        return jsonText(encodeItems('rp_full', filled, ({ replica }) => replica.everything().documents));
      },
    },
    {
      method: 'POST',
      path: '/api/public/proxy/bootstrap',
      ...byAgent,
      bodyLimit: BOOTSTRAP_LIMIT,
      handler: async ({ body }) => {
        if (intake === undefined) {
          throw new Refusal('wrong-state', 'This relay is filled by the server behind it: start it without upstream.');
        }
        const problems: string[] = [];
        const data = decodeAgentData(body, (kind, problem) => problems.push(`${kind}: ${problem}`));
        if (data?.eventType !== 'rp_full') {
          throw new Refusal('invalid-request', 'Send {"eventType":"rp_full","items":[…]}, as a backup has it.');
        }
        if (problems.length > 0) {
          throw new Refusal('invalid-request', `A document cannot be read, nothing was changed: ${problems[0]}`);
        }
        await intake.take(data);
        return json(summaryOf(environments.all));
      },
    },
  ];
}

async function register({ body }: Exchange): Promise<Answer> {
  if (typeof body !== 'string' || body.trim() === '') {
    throw new Refusal('invalid-request', "Send the agent's id as a JSON string.");
  }
  return bytes(Buffer.from(body), 'text/plain; charset=utf-8');
}
