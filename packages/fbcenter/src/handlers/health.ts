import type { Answer } from '../http/exchange.js';
import type { Storage } from '../storage/storage.js';

/** For load balancers and orchestrators. */
export function healthHandlers(storage: Pick<Storage, 'ping'>) {
  return {
    /** The process answers. */
    liveness: async (): Promise<Answer> => ({ status: 200, body: { status: 'Healthy' } }),
    /** The storage answers too; without it the answer is 503. */
    readiness: async (): Promise<Answer> => {
      await storage.ping();
      return { status: 200, body: { status: 'Healthy' } };
    },
  };
}
