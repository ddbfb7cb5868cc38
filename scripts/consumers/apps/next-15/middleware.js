import { guard } from './guard.js';

export const config = { runtime: 'nodejs', matcher: '/' };

// Declared here: with `export { guard as middleware } from` Turbopack does not see `runtime`, and builds it for the edge.
export function middleware() {
  return guard();
}
