import type { Clock } from './clock.js';
import { errorName } from './contain.js';
import type { Log } from './log.js';
import type { Network, Platform, Socket, SocketHandlers } from './platform.js';

/**
 * A platform whose timers, sockets and requests call the SDK contained: an error that comes out of such a call has no caller
 * that could catch it, and would end the host. It is logged; a connection it comes from is given up and made anew.
 */
export function containedPlatform(platform: Platform, log: Log): Platform {
  return {
    clock: containedClock(platform.clock, log),
    random: () => platform.random(),
    network: (settings) => containedNetwork(platform.network(settings), log),
  };
}

function containedClock(clock: Clock, log: Log): Clock {
  const contained = (callback: () => void) => (): void => {
    try {
      callback();
    } catch (error) {
      log.internalError('a timer failed', error);
    }
  };
  return {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    background: (milliseconds, callback) => clock.background(milliseconds, contained(callback)),
    awaited: (milliseconds, callback) => clock.awaited(milliseconds, contained(callback)),
    nextTurn: (callback) => clock.nextTurn(contained(callback)),
  };
}

function containedNetwork(network: Network, log: Log): Network {
  return {
    openSocket: (url, handlers) => containedSocket(network, url, handlers, log),
    request: (request, done) =>
      network.request(request, (outcome) => {
        try {
          done(outcome);
        } catch (error) {
          log.internalError('the answer to a request could not be used', error);
        }
      }),
    close: () => network.close(),
  };
}

function containedSocket(network: Network, url: string, handlers: SocketHandlers, log: Log): Socket {
  const closed: SocketHandlers['closed'] = (code, problem, retryAfter) => {
    try {
      handlers.closed(code, problem, retryAfter);
    } catch (error) {
      log.internalError('the end of a connection could not be handled', error);
    }
  };
  const failed = (error: unknown): void => {
    log.internalError('a connection is given up', error);
    socket.terminate();
    closed(1006, `${errorName(error)} in the SDK itself`);
  };
  // Each by itself: every push to each client of a process comes by here.
  const socket = network.openSocket(url, {
    opened: () => {
      try {
        handlers.opened();
      } catch (error) {
        failed(error);
      }
    },
    message: (message) => {
      try {
        handlers.message(message);
      } catch (error) {
        failed(error);
      }
    },
    activity: () => {
      try {
        handlers.activity();
      } catch (error) {
        failed(error);
      }
    },
    closed,
  });
  return socket;
}
