// Debian's NATS server with its WebSocket listener, under measurement: CPU time as the kernel tells it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from '../../../support/free-port.js';
import { reachable, type Measured, type Usage } from './measured-process.js';

/** Of a tick of the kernel's accounting; fixed on Linux. */
const US_PER_TICK = 10_000;
/** Fields of /proc/PID/stat after the command's name, which may hold spaces: user and system time. */
const UTIME = 11;
const STIME = 12;

export class NatsServer implements Measured {
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly folder: string,
  ) {
    this.ended = new Promise((resolve) => void child.once('exit', () => resolve()));
  }

  static get isInstalled(): boolean {
    return spawnSync('nats-server', ['--version']).status === 0;
  }

  static async start(): Promise<NatsServer> {
    const folder = mkdtempSync(join(tmpdir(), 'mcpw-bench-nats-'));
    const port = await freePort();
    const clientPort = await freePort();
    const file = join(folder, 'nats.conf');
    writeFileSync(file, `listen: "127.0.0.1:${clientPort}"\nwebsocket { host: "127.0.0.1", port: ${port}, no_tls: true }\n`);
    const child = spawn('nats-server', ['-c', file], { stdio: 'ignore' });
    await reachable(port);
    return new NatsServer(child, `ws://127.0.0.1:${port}/`, folder);
  }

  async usage(): Promise<Pick<Usage, 'cpuUs'>> {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Promise.resolve({ cpuUs: (Number(fields[UTIME]) + Number(fields[STIME])) * US_PER_TICK });
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
