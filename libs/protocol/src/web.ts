/** `@mcpw/protocol/web`: cryptography and compression of browsers, asynchronous. Runs in Node too. */
export { webCompressor, webCompressors, webGzip } from './compression/web-compressors.js';
export { deriveSessionKeys, generateKeyPair, webKeyExchange } from './security/web-key-exchange.js';
export { WebSecureChannel } from './security/web-secure-channel.js';
