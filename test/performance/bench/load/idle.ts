// Connections that do nothing.
import { initialize, open, openMany } from './client-socket.js';
import { NOTHING, type IdleJob, type Runnable } from './load-jobs.js';

export async function idle({ url, key, connections, initialize: isOurs }: IdleJob): Promise<Runnable> {
  await openMany(connections, async () => {
    const socket = await open(url, { key });
    if (isOurs) await initialize(socket);
    return socket;
  });
  return { run: async () => Promise.resolve(NOTHING) };
}
