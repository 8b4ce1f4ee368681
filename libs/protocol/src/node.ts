/** `@mcpw/protocol/node`: what needs Node's own cryptography and compression, all of it synchronous. */
export { nodeCompressor, nodeCompressors, nodeGzip, nodeZstd } from './compression/node-compressors.js';
export { deriveSessionKeys, generateKeyPair, nodeKeyExchange } from './security/node-key-exchange.js';
export { NodeSecureChannel } from './security/node-secure-channel.js';
