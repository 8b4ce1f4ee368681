// Servers without upstreams; one of them with the conformance suite's fixture and with tools that take their time.
import { resolve } from 'node:path';

import type { ServerOptions } from '../../support/server-process.js';
import { startServer, type TestServer } from '../../support/start-server.js';

const FIXTURE = resolve(import.meta.dirname, '../../conformance/mcp/fixture.module.js');
const SLOW = resolve(import.meta.dirname, 'slow.module.js');

type Config = Readonly<Record<string, unknown>>;

/** A server without upstreams. */
export const startPlain = async (config: Config = {}, options: ServerOptions = {}): Promise<TestServer> =>
  startServer({ ...options, config: { mcpServers: {}, ...config } });

export const startWithFixture = async (config: Config = {}): Promise<TestServer> => startPlain({ modules: [FIXTURE, SLOW], ...config });
