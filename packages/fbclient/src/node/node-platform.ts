import type { Platform } from '../runtime/platform.js';
import { systemClock } from './clock.js';
import { NodeNetwork } from './network.js';

/** Node.js, with sockets by `ws`. */
export const nodePlatform: Platform = {
  clock: systemClock,
  random: Math.random,
  network: (settings) => new NodeNetwork(settings),
};
