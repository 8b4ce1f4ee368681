// What a call was told to remember, in the client's hands until it comes back: signed by the SDK's codec, for ten minutes, and good
// for the same principal, method and params only. Not encrypted: the client can read it.
import { randomBytes } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';
import { createRequestStateCodec, ProtocolError, type RequestStateCodec, type ServerContext } from '@modelcontextprotocol/server';

import { Config } from '../config/config.js';
import { canonicalHash } from '../idempotency/canonical-hash.js';
import { RpcCode } from './json-rpc.js';
import type { McpCall } from './mcp-call.js';

const KEY_BYTES = 32;
const TTL_S = 600;

@Injectable()
export class RequestState {
  private readonly codec: RequestStateCodec;

  constructor(@Inject(Config) { mcp }: Config) {
    this.codec = createRequestStateCodec({ key: mcp.stateSecret ?? randomBytes(KEY_BYTES), ttlSeconds: TTL_S, bind });
  }

  seal(call: McpCall, state: unknown): Promise<string> {
    return this.codec.mint(state, asContext(call));
  }

  /** @throws ProtocolError where it was changed, is another's, of another call, or too old */
  async open(call: McpCall, sealed: unknown): Promise<unknown> {
    try {
      if (typeof sealed === 'string') return await this.codec.verify(sealed, asContext(call));
    } catch {
      // Falls through: which of the reasons it was is of use only to who tries to forge one.
    }
    throw new ProtocolError(RpcCode.INVALID_PARAMS, 'requestState is not one of this call');
  }
}

/** The codec hands on what it is given to `bind`, and looks at nothing of it. */
const asContext = (call: McpCall): ServerContext => call as unknown as ServerContext;

function bind(context: ServerContext): string {
  const { principal, method, params } = context as unknown as McpCall;
  const { _meta, inputResponses: _responses, requestState: _state, ...asked } = params;
  return [principal.tenant, principal.id, method.name, canonicalHash(asked)].join('\0');
}
