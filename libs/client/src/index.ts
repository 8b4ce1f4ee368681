// The door of `@mcpw/client` in Node. That of browsers is web.ts; both lead to the same.
import { Client } from './client.js';
import type { ClientOptions } from './client-options.js';
import { nodePlatform } from './platform.node.js';

/**
 * Connects, and keeps connected until `close()`.
 * @param signal gives up connecting
 * @throws UpgradeRefusedError, McpwError or ConnectionLostError where the server will not have it, or there was none for
 *   `maxWaitMs`; UnsupportedError where it speaks another version of the protocol; InvalidOptionError for
 *   options that cannot be meant, or a function that gives no credential
 */
export async function connect(options: ClientOptions, signal?: AbortSignal): Promise<Client> {
  return new Client(nodePlatform, options).connect(signal);
}

export { nodePlatform as platform };
export * from './public.js';
