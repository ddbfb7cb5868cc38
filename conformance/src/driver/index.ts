/** Drivers of SDKs, for programs that run them for something else than the suite. */
export { DriverError, DriverProcess } from './driver-process.js';
export type { Operation, Operations } from './protocol.js';
