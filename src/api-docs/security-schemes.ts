// Where a credential may come (PROTOCOL.md §1): the first found wins.
import { SUBPROTOCOL } from '@mcpw/protocol';

import type { Parts } from './document-parts.js';

export const SECURITY_SCHEMES: Parts = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT.' },
  apiKey: { type: 'httpApiKey', in: 'header', name: 'X-API-Key' },
  subprotocol: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: `For browsers: an entry \`${SUBPROTOCOL.BEARER_PREFIX}<base64url(API key or JWT)>\` beside \`${SUBPROTOCOL.JSON}\` or \`${SUBPROTOCOL.BINARY}\`.`,
  },
  ticket: {
    type: 'httpApiKey',
    in: 'query',
    name: 'ticket',
    description: 'Single-use, good for 30 s; from `POST /api/v1/websocket/tickets`.',
  },
  initialize: {
    type: 'apiKey',
    in: 'password',
    description: '`params.token` of `initialize`, within 5 s of the upgrade, where none came with that.',
  },
};
