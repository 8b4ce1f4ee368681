import { describe, expect, it } from 'vitest';

import { ResourceWatch } from './resource-watch.js';
import type { Upstream } from './upstream.js';

const MAX_RESOURCES = 1_000;

/** An upstream that keeps what it is asked. */
function fakeUpstream(): { readonly upstream: Upstream; readonly watched: Set<string> } {
  const watched = new Set<string>();
  const peer = {
    watchResource: (uri: string) => Promise.resolve(void watched.add(uri)),
    unwatchResource: (uri: string) => Promise.resolve(void watched.delete(uri)),
  };
  return { upstream: { link: { peer } } as unknown as Upstream, watched };
}

describe('resources of an upstream that are watched', () => {
  it('are no more than may be: the next is refused, and taken once another is given back', async () => {
    const watch = new ResourceWatch();
    const { upstream, watched } = fakeUpstream();
    const add = (uri: number) => watch.add(upstream, `file:///${uri}`, () => undefined);
    const release = await add(0);
    for (let uri = 1; uri < MAX_RESOURCES; uri++) await add(uri);
    await expect(add(MAX_RESOURCES)).rejects.toThrow(`more than ${MAX_RESOURCES} resources`);
    expect(watched.size).toBe(MAX_RESOURCES);
    await add(1); // one more listener of the same takes no room
    release();
    await add(MAX_RESOURCES);
    expect(watched.size).toBe(MAX_RESOURCES);
    await watch.add(fakeUpstream().upstream, 'file:///0', () => undefined); // nor does another upstream's
  });

  it('that the upstream refuses are not kept', async () => {
    const watch = new ResourceWatch();
    const refusing = { link: { peer: { watchResource: () => Promise.reject(new Error('no')), unwatchResource: () => Promise.resolve() } } };
    for (let uri = 0; uri <= MAX_RESOURCES; uri++) {
      await expect(watch.add(refusing as unknown as Upstream, `file:///${uri}`, () => undefined)).rejects.toThrow('no');
    }
  });
});
