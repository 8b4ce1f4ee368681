// The door of `@mcpw/client` in browsers. That of Node is index.ts; both lead to the same.
import { Client } from './client.js';
import type { ClientOptions } from './client-options.js';
import { webPlatform } from './platform.web.js';

/** As in Node. The credential goes as a subprotocol entry, or as a ticket. */
export async function connect(options: ClientOptions, signal?: AbortSignal): Promise<Client> {
  return new Client(webPlatform, options).connect(signal);
}

export { webPlatform as platform };
export * from './public.js';
