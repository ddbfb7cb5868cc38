/** A driver for the reference evaluator itself, which passes every evaluation fixture. */
import { evaluate, evaluateAll } from 'fbclient-conformance/reference';
import { serve } from '../../drivers/json-lines.js';

const environments = new Map();

serve({
  hello: () => ({
    sdk: 'reference',
    version: '1',
    capabilities: ['offline', 'bootstrap', 'initialized', 'rawInput', 'allFlags'],
  }),

  create({ client, bootstrap }) {
    const { featureFlags: flags, segments } = JSON.parse(bootstrap).data;
    environments.set(client, { flags, segments });
  },

  waitForInitialization: () => ({ outcome: 'ready' }),
  initialized: () => ({ initialized: true }),

  evaluate({ client, flag, user, type, default: fallback }) {
    const { value, variationId, reason } = evaluate(environments.get(client), flag, user, type, fallback);
    return { value, variationId, reason };
  },

  allFlags({ client, user }) {
    const flags = evaluateAll(environments.get(client), user);
    return { success: flags !== undefined, flags: flags ?? [] };
  },

  close: ({ client }) => {
    environments.delete(client);
  },
  exit: () => undefined,
});
