// MCP over the standard input and output of a program that this server starts: a message a line.
// Not the SDK's own transport, which leaves a program's children behind and writes its log to ours.
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';

import { answersLast } from './answers-last.js';
import { LineSplitter } from './line-splitter.js';
import { ProcessGroup, type Program } from './process-group.js';
import type { ProcessWarden } from './process-warden.js';
import { readMessage } from './read-message.js';

export interface StdioOptions {
  readonly program: Program;
  readonly warden: ProcessWarden;
  readonly maxMessageBytes: number;
  /** Given each line that the program writes to its standard error, shortened. */
  readonly onLog: (line: string) => void;
}

/** Bytes that the program has not read yet, past which it is sent nothing more. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
const LONGEST_LOG_LINE = 1_000;

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private group: ProcessGroup | undefined;
  private readonly lines: LineSplitter;
  private isClosed = false;

  constructor(private readonly options: StdioOptions) {
    this.lines = new LineSplitter(options.maxMessageBytes);
  }

  /** Both members tell the SDK that silence means an older server here. */
  get pid(): number | undefined {
    return this.group?.pid;
  }

  get stderr(): NodeJS.ReadableStream | null {
    return this.group?.child.stderr ?? null;
  }

  async start(): Promise<void> {
    const { program, warden, onLog } = this.options;
    const group = new ProcessGroup({ ...program, env: { ...getDefaultEnvironment(), ...program.env } }, warden);
    this.group = group;
    const { child } = group;
    child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    child.stderr.on('data', (chunk: Buffer) => logLines(chunk, onLog));
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', (error) => this.onerror?.(error));
    void group.ended.then(() => this.closed());
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.group?.child.stdin;
    if (stdin?.writable !== true) throw new Error('the program has ended');
    if (stdin.writableLength > MAX_UNREAD_BYTES) throw new Error('the program does not read what it is sent');
    stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Resolves when the program and its group have ended. */
  async close(): Promise<void> {
    await this.group?.end();
    this.closed();
  }

  private receive(chunk: Buffer): void {
    if (this.isClosed) return;
    let lines: string[];
    try {
      lines = this.lines.push(chunk);
    } catch (error) {
      this.onerror?.(error as Error);
      this.group?.kill();
      return;
    }
    for (const line of lines) this.deliver(line);
  }

  /** A line that is no message is somebody's debug output. */
  private deliver(line: string): void {
    if (!line.startsWith('{')) return;
    try {
      answersLast(readMessage(line), (message) => this.onmessage?.(message));
    } catch (error) {
      this.onerror?.(error as Error);
    }
  }

  private closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onclose?.();
  }
}

function logLines(chunk: Buffer, onLog: (line: string) => void): void {
  for (const line of chunk.toString('utf8').split('\n')) if (line.trim() !== '') onLog(line.slice(0, LONGEST_LOG_LINE));
}
