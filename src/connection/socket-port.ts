// What a connection asks of its socket. The one implementation over `ws` is protocol/ws-socket.ts.

export interface SocketPort {
  /** Writes whole WebSocket frames. The buffer stays the socket's until it holds nothing, or has told so. */
  write(frames: Uint8Array): void;
  /** Whether something that was written has not left this process yet. */
  readonly holdsBytes: boolean;
  /** Calls back when all that was written until now has left this process, or never will. */
  onceTaken(done: () => void): void;
  /** Writes of this call go to the kernel together. */
  writeTogether(writes: () => void): void;
  ping(): void;
  /** Stops, and goes on, reading what the peer sends. */
  pause(): void;
  resume(): void;
  /** Closing handshake, after what was written before. */
  close(code: number, reason: string): void;
  /** Ends the TCP connection at once. */
  terminate(): void;
}
