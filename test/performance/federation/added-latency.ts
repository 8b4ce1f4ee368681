// What going through this server adds to a call of an upstream's tool: the same upstream asked directly by the SDK's client and
// through `/ws`, in turns in one run, one call at a time.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { demoCommand, DemoServer } from '../../federation/support/demo.js';
import { ServerProcess } from '../../support/server-process.js';
import { TestClient } from '../../support/test-client.js';

export interface AddedLatency {
  readonly kind: 'stdio' | 'http';
  /** Milliseconds of one call, at the median and the 99th percentile. */
  readonly direct: Percentiles;
  readonly through: Percentiles;
  /** At the median, milliseconds. */
  readonly added: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface LatencyOptions {
  readonly rounds: number;
  readonly callsPerRound: number;
}

const WARM_UP = 200;

export async function addedLatency(kind: AddedLatency['kind'], { rounds, callsPerRound }: LatencyOptions): Promise<AddedLatency> {
  const demo = kind === 'http' ? await new DemoServer('http').start() : undefined;
  const entry = demo?.entry ?? demoCommand();
  const server = await ServerProcess.start({
    config: { mcpServers: { demo: entry }, websocket: { rate_limit: { enabled: false } }, logging: { level: 'warn' } },
  });
  const direct = new Client({ name: 'bench', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  try {
    await direct.connect(
      demo === undefined ? new StdioClientTransport(demoCommand()) : new StreamableHTTPClientTransport(new URL(demo.entry.url)),
    );
    const client = await TestClient.connect(server.wsUrl, { key: server.adminKey });
    await client.initialize();
    const ways = [
      { times: [] as number[], call: () => direct.callTool({ name: 'echo', arguments: { text: 'hello' } }) },
      {
        times: [] as number[],
        call: () => client.call('tool.execute', { name: 'demo.echo', arguments: { text: 'hello' } }) as Promise<unknown>,
      },
    ] as const;
    for (const { call } of ways) for (let i = 0; i < WARM_UP; i++) await call();
    for (let round = 0; round < rounds; round++) {
      for (const { call, times } of ways) {
        for (let i = 0; i < callsPerRound; i++) {
          const startedAt = performance.now();
          await call();
          times.push(performance.now() - startedAt);
        }
      }
    }
    const [alone, through] = ways.map(({ times }) => percentiles(times)) as [Percentiles, Percentiles];
    await client.close();
    return { kind, direct: alone, through, added: through.p50 - alone.p50 };
  } finally {
    await direct.close();
    await server.stop();
    server.discard();
    await demo?.kill();
  }
}

function percentiles(times: number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
  return { p50: at(0.5), p99: at(0.99) };
}
