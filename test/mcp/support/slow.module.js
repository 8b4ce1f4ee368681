// Tools that take their time, and one that tells what became of them. Plain JavaScript, so that the built server loads it as it is.
import { setTimeout as delay } from 'node:timers/promises';

import { ToolRegistry, ToolsModule } from 'mcpw';

const seen = { running: 0, aborted: 0 };

/** Runs the work and counts it. */
const counted = (work) => async (args, caller) => {
  seen.running++;
  try {
    return await work(args, caller);
  } catch (error) {
    if (caller.signal.aborted) seen.aborted++;
    throw error;
  } finally {
    seen.running--;
  }
};

const TOOLS = {
  test_slow: counted(async ({ ms }, caller) => {
    caller.progress(1);
    await delay(ms, undefined, { signal: caller.signal });
    return 'slept';
  }),
  test_waits: counted(async (_args, caller) => {
    caller.progress(1);
    await delay(60_000, undefined, { signal: caller.signal });
    return 'slept';
  }),
  test_much: counted(async ({ events, bytes }, caller) => {
    for (let i = 1; i <= events; i++) {
      caller.client.log('info', 'x'.repeat(bytes));
      caller.progress(i, events, 'x'.repeat(bytes));
      await delay(0);
    }
    return 'said much';
  }),
  test_state: () => ({ ...seen }),
};

class SlowModule {}

export default {
  module: SlowModule,
  imports: [ToolsModule],
  providers: [
    {
      provide: 'SlowTools',
      inject: [ToolRegistry],
      useFactory: (registry) => {
        const inputSchema = { type: 'object' };
        const tools = new Map(
          Object.entries(TOOLS).map(([name, execute]) => [
            name,
            { name, description: 'For tests', inputSchema, source: 'slow', scopes: [], validate: () => null, execute },
          ]),
        );
        registry.add({
          name: 'slow',
          list: () => [...tools.values()],
          find: (_tenant, name) => tools.get(name),
          onChanged: () => () => undefined,
        });
        return tools;
      },
    },
  ],
};
