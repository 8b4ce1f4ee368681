// A disk that takes its time, on machines whose own answers a flush at once (virtual disks, caches that outlive a power cut): the flushes
// of one process are held up by `strace`, which lets it do all else untouched.
import { spawnSync } from 'node:child_process';

export const canSlowFlushes = spawnSync('strace', ['--version']).status === 0;

/** A command, and what stands before its own arguments. */
export interface Launcher {
  readonly command: string;
  readonly args: readonly string[];
}

/** Node as it is. */
export const NODE: Launcher = { command: process.execPath, args: [] };

/** @param ms of each flush, more than it takes by itself */
export function nodeWithSlowFlushes(ms: number): Launcher {
  // -D: the process is our child, and strace beside it; --seccomp-bpf: no other system call costs more.
  const flushes = ['-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:delay_exit=${ms * 1000}`];
  return { command: 'strace', args: ['-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', ...flushes, process.execPath] };
}
