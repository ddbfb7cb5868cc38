import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SecretKind } from '../model/environment.js';
import { FrameFilter, filterFrames } from './frame-filter.js';
import type { StreamingLimits } from './limits.js';

/**
 * What is compressed is made once for everybody, so nobody may need to know what was sent before. The library copies these options for each
 * connection and sets the last two itself: named here, they give all copies one shape in the engine, where each would have three of its own.
 */
const DEFLATE = { serverNoContextTakeover: true, clientNoContextTakeover: true, isServer: true, maxPayload: 0 };

/** What an offer of it may ask for: no smaller window than that of what is compressed for everybody. */
const PARAMETER = /^(?:(?:server|client)_no_context_takeover|client_max_window_bits(?:=(?:9|1[0-5]))?)$/;

/** Turns requests for an upgrade into WebSockets, as connections of their kind need them. */
export class Upgrades {
  readonly #limits: Pick<StreamingLimits, 'maxClientMessageBytes'>;
  readonly #servers: Readonly<Record<SecretKind | 'server-deflated', WebSocketServer>>;

  constructor(limits: Pick<StreamingLimits, 'maxMessageBytes' | 'maxClientMessageBytes' | 'closeTimeout'>) {
    this.#limits = limits;
    const { maxMessageBytes, maxClientMessageBytes, closeTimeout } = limits;
    // In a variable of its own because the types of ws do not know closeTimeout yet.
    const options = { noServer: true, clientTracking: false, perMessageDeflate: false, closeTimeout };
    const server = { ...options, maxPayload: maxMessageBytes };
    this.#servers = {
      server: new WebSocketServer(server),
      'server-deflated': new WebSocketServer({ ...server, perMessageDeflate: DEFLATE }),
      // What is larger has been taken out; a message that was cut off may end in the middle of a character.
      client: new WebSocketServer({ ...options, maxPayload: maxClientMessageBytes, skipUTF8Validation: true }),
    };
  }

  /** Answers the request. @param then is called unless it is none, or its sender has left. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    kind: SecretKind,
    then: (accepted: WebSocket) => void,
  ): void {
    // Browsers offer it too; each is sent something else, which would be compressed for it alone.
    const offer = kind === 'server' ? fitOffer(request.headers['sec-websocket-extensions']) : undefined;
    // Alone: what ws cannot read beside it, it would refuse.
    if (offer !== undefined) request.headers['sec-websocket-extensions'] = offer;
    this.#servers[offer === undefined ? kind : 'server-deflated'].handleUpgrade(request, socket, head, (accepted) => {
      if (kind === 'client') filterFrames(socket, new FrameFilter(this.#limits.maxClientMessageBytes));
      then(accepted);
    });
  }
}

/** The first offer of `permessage-deflate` that can be met, as it stands in the header. */
function fitOffer(header: string | undefined): string | undefined {
  const offers = header?.split(',').map((offer) => offer.trim());
  return offers?.find((offer) => {
    const [name, ...parameters] = offer.split(';').map((part) => part.trim());
    const names = new Set(parameters.map((parameter) => parameter.split('=', 1)[0]));
    const isReadable = parameters.every((parameter) => PARAMETER.test(parameter)) && names.size === parameters.length;
    return name === 'permessage-deflate' && isReadable;
  });
}
