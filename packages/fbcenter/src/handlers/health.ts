import type { HealthBody } from '../api/answers.js';
import { type Answer, json } from '../http/answer.js';
import { Refusal } from '../model/refusal.js';
import type { Stopping } from '../runtime/stopping.js';
import type { Storage } from '../storage/storage.js';

/** For load balancers and orchestrators. */
export function healthHandlers(storage: Pick<Storage, 'ping'>, stopping: Pick<Stopping, 'isAnnounced'>) {
  return {
    /** The process answers. */
    liveness: async (): Promise<Answer> => json<HealthBody>({ status: 'Healthy' }),
    /** The storage answers too, and the center does not stop; otherwise the answer is 503. */
    readiness: async (): Promise<Answer> => {
      refuseStopping(stopping);
      await storage.ping();
      return json<HealthBody>({ status: 'Healthy' });
    },
  };
}

/** @throws Refusal `stopping`: load balancers are to send nobody here any more. */
export function refuseStopping({ isAnnounced }: Pick<Stopping, 'isAnnounced'>): void {
  if (isAnnounced) throw new Refusal('stopping', 'It stops: whoever comes now should go to another one.');
}
