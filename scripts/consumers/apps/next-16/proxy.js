import { guard } from './guard.js';

export const config = { matcher: '/' };

export function proxy() {
  return guard();
}
