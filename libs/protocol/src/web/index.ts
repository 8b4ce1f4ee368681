/** `@mcpw/protocol/web`: cryptography and compression of browsers, asynchronous. Runs in Node too. */
export { webCompressor, webCompressors, webGzip } from './web-compressors.js';
export { deriveSessionKeys, generateKeyPair, webKeyExchange } from './web-key-exchange.js';
export { WebSecureChannel } from './web-secure-channel.js';
