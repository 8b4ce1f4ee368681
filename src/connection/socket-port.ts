// What a connection asks of its socket. The one implementation over `ws` is protocol/ws-socket.ts.

export interface SocketPort {
  /**
   * Writes whole WebSocket frames.
   * @param done called when the bytes have left this process, or never will: the buffer is the caller's again
   */
  write(frames: Uint8Array, done: () => void): void;
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
