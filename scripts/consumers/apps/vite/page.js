export { flags } from './flags.js';

export const loadedAt = performance.now();
