// Browsers, and whatever else has WebSocket, WebCrypto and CompressionStream as the standards have them.
import { compressFrameAsync, inflateFrameAsync } from '@mcpw/protocol';
import { webCompressors, webKeyExchange } from '@mcpw/protocol/web';

import type { Platform } from './platform.js';
import { openStandardSocket, type StandardWebSocket } from './standard-socket.js';
import { systemClock } from './system-clock.js';

export const webPlatform: Platform = {
  clock: systemClock,
  random: () => Math.random(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  defer,
  sendsHeaders: false,
  openSocket({ url, protocols }, events, signal) {
    return openStandardSocket(() => new WebSocket(url, [...protocols]) as unknown as StandardWebSocket, events, signal);
  },
  hash: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)),
  keyExchange: webKeyExchange,
  compressors: webCompressors.map((compressor) => ({
    name: compressor.name,
    compress: (frame, thresholdBytes) => compressFrameAsync(frame, compressor, thresholdBytes),
    inflate: (frame, maxMessageBytes) => inflateFrameAsync(frame, compressor, maxMessageBytes),
  })),
};

/** By a message to oneself: a timer of browsers would wait 4 ms once it is set from another. */
function defer(task: () => void): void {
  const { port1, port2 } = new MessageChannel();
  (port1 as unknown as { onmessage: () => void }).onmessage = () => {
    port1.close();
    task();
  };
  port2.postMessage(undefined);
}
