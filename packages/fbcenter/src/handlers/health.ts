import type { HealthBody } from '../api/answers.js';
import { type Answer, json } from '../http/answer.js';
import type { Storage } from '../storage/storage.js';

/** For load balancers and orchestrators. */
export function healthHandlers(storage: Pick<Storage, 'ping'>) {
  return {
    /** The process answers. */
    liveness: async (): Promise<Answer> => json<HealthBody>({ status: 'Healthy' }),
    /** The storage answers too; without it the answer is 503. */
    readiness: async (): Promise<Answer> => {
      await storage.ping();
      return json<HealthBody>({ status: 'Healthy' });
    },
  };
}
