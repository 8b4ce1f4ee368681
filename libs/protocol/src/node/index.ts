/** `@mcpw/protocol/node`: what needs Node's own cryptography and compression, all of it synchronous. */
export { nodeCompressor, nodeCompressors, nodeGzip, nodeZstd } from './node-compressors.js';
export { deriveSessionKeys, generateKeyPair, nodeKeyExchange } from './node-key-exchange.js';
export { NodeSecureChannel } from './node-secure-channel.js';
