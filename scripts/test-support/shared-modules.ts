/**
 * Runs at the beginning of each file of tests that shares its process and its modules with others, in any order. A file that leaves
 * something behind fails itself; otherwise one of those behind it would, and seldom the same.
 */
import { afterAll, expect, vi } from 'vitest';

const EVENTS = ['uncaughtException', 'unhandledRejection', 'warning', 'SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Node.js puts a value in the place of an accessor when it is first asked for. */
const ON_DEMAND = Symbol('on demand');

const refuse = (): never => {
  throw new Error('Other files use the modules that this one replaces: add it to ISOLATED in vitest.config.ts.');
};
Object.assign(vi, { mock: refuse, doMock: refuse, resetModules: refuse });

/** What tests can change for those behind them, by name. */
function surroundings(): ReadonlyMap<string, unknown> {
  const globals = Object.entries(Object.getOwnPropertyDescriptors(globalThis));
  return new Map<string, unknown>([
    ['fake timers', vi.isFakeTimers()],
    ['the working folder', process.cwd()],
    ['process.exitCode', process.exitCode],
    ...EVENTS.map((event) => [`listeners of process for ${event}`, process.listenerCount(event)] as const),
    ...Object.entries(process.env).map(([name, value]) => [`process.env.${name}`, value] as const),
    ...globals.map(([name, { get, value }]) => [`globalThis.${name}`, get === undefined ? value : ON_DEMAND] as const),
  ]);
}

const before = surroundings();
afterAll(() => {
  // As vitest does once the file is over.
  vi.restoreAllMocks();
  const after = surroundings();
  const names = new Set([...before.keys(), ...after.keys()]);
  // Libraries put things of their own into globalThis.
  const isOurs = (name: string) => before.has(name) || !name.startsWith('globalThis.');
  const isChanged = (name: string) =>
    isOurs(name) && before.get(name) !== ON_DEMAND && !Object.is(before.get(name), after.get(name));
  const changed = [...names].filter(isChanged);
  expect(changed, 'These tests leave behind what other files would find: restore it after each test.').toEqual([]);
});
