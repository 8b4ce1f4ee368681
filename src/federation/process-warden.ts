// Ends the process groups of started programs when this server can no longer do it: killed with SIGKILL, out of memory, crashed.
// It is one `sh` for all of them, in a session of its own, that learns of the server's end by the end of its input.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';

import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';

/** Time between asking and ending, also where the server itself ends a program. */
export const GRACE_MS = 2_000;

const SCRIPT = `
groups=
while read -r op group; do
  kept=
  for known in $groups; do [ "$known" = "$group" ] || kept="$kept $known"; done
  case $op in add) groups="$kept $group" ;; *) groups=$kept ;; esac
done
[ -z "$groups" ] && exit 0
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
sleep ${GRACE_MS / 1000}
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0
`;

@Injectable()
export class ProcessWarden implements OnApplicationShutdown {
  private readonly logger = new Logger(ProcessWarden.name);
  private readonly groups = new Set<number>();
  private shell: ChildProcessByStdio<Writable, null, null> | undefined;
  private isEnding = false;

  /** @param group id of a process group: that of its leader */
  add(group: number): void {
    this.groups.add(group);
    if (this.shell === undefined) this.start();
    else this.tell('add', group);
  }

  /** The group has ended; its number may come to mean another. */
  drop(group: number): void {
    if (this.groups.delete(group)) this.tell('drop', group);
  }

  onApplicationShutdown(): void {
    this.isEnding = true;
    this.shell?.stdin.end();
  }

  private start(): void {
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    this.shell = shell;
    shell.unref();
    (shell.stdin as Writable & { unref?(): void }).unref?.();
    shell.on('error', (error) => this.logger.warn(`programs may outlive a server that is killed: ${error.message}`));
    shell.stdin.on('error', () => undefined);
    shell.once('exit', () => {
      if (this.shell === shell) this.shell = undefined;
      if (!this.isEnding && this.groups.size > 0 && shell.pid !== undefined) this.start();
    });
    for (const group of this.groups) this.tell('add', group);
  }

  private tell(what: 'add' | 'drop', group: number): void {
    if (this.shell?.stdin.writable === true) this.shell.stdin.write(`${what} ${group}\n`);
  }
}
