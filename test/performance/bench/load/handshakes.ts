// Handshakes in parallel lanes: open, cut, again.
import { open } from './client-socket.js';
import { NOTHING, type HandshakeJob, type JobResult, type Runnable } from './load-jobs.js';

export async function handshakes({ url, key, parallel }: HandshakeJob): Promise<Runnable> {
  const run = async (seconds: number): Promise<JobResult> => {
    const begin = performance.now();
    const end = begin + seconds * 1000;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() < end) {
        (await open(url, { key })).terminate();
        done++;
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    return { ...NOTHING, done, seconds: (performance.now() - begin) / 1000 };
  };
  return Promise.resolve({ run });
}
