// Node: its own cryptography and compression, synchronous, and the `ws` package's WebSocket where that is installed. Without
// it Node's own serves, from 22 on, which cannot tell why an upgrade was refused.
import { createHash, randomBytes } from 'node:crypto';

import { compressFrame, inflateFrame } from '@mcpw/protocol';
import { nodeCompressors, nodeKeyExchange } from '@mcpw/protocol/node';

import { UnsupportedError } from './errors.js';
import type { Platform } from './platform.js';
import { openStandardSocket, type StandardWebSocket } from './standard-socket.js';
import { systemClock } from './system-clock.js';
import { openWsSocket } from './ws-socket.node.js';

/** Node's own takes headers where browsers' takes nothing. */
type NodeWebSocket = new (
  url: string,
  options: { protocols: readonly string[]; headers: Readonly<Record<string, string>> },
) => StandardWebSocket;

export const nodePlatform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  randomBytes: (count) => randomBytes(count),
  defer: (task) => void setImmediate(task),
  sendsHeaders: true,
  async openSocket(request, events, signal) {
    const ws = await import('ws').catch(() => undefined);
    if (ws !== undefined) return openWsSocket(ws.WebSocket, request, events, signal);
    return openStandardSocket(() => ownSocket(request.url, request.protocols, request.headers), events, signal);
  },
  hash: (bytes) => createHash('sha256').update(bytes).digest(),
  keyExchange: nodeKeyExchange,
  compressors: nodeCompressors.map((compressor) => ({
    name: compressor.name,
    compress: (frame, thresholdBytes) => compressFrame(frame, compressor, thresholdBytes),
    inflate: (frame, maxMessageBytes) => inflateFrame(frame, compressor, maxMessageBytes),
  })),
};

function ownSocket(url: string, protocols: readonly string[], headers: Readonly<Record<string, string>>): StandardWebSocket {
  const own = (globalThis as { WebSocket?: unknown }).WebSocket as NodeWebSocket | undefined;
  if (own === undefined) throw new UnsupportedError('this Node has no WebSocket: npm install ws');
  return new own(url, { protocols, headers });
}
