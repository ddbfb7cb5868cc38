export { guard as proxy } from './guard.js';

export const config = { matcher: '/' };
