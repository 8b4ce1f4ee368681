// The states of a connection and the moves between them (guide, "Connection States").

export const ConnectionState = { CONNECTING: 0, CONNECTED: 1, CLOSING: 2, CLOSED: 3 } as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

export const STATE_NAMES = ['connecting', 'connected', 'closing', 'closed'] as const;

/** CONNECTING until `initialize` is answered; CLOSING from the first close frame, ours or the peer's; CLOSED when the socket is gone. */
const MOVES: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  [ConnectionState.CONNECTING]: [ConnectionState.CONNECTED, ConnectionState.CLOSING, ConnectionState.CLOSED],
  [ConnectionState.CONNECTED]: [ConnectionState.CLOSING, ConnectionState.CLOSED],
  [ConnectionState.CLOSING]: [ConnectionState.CLOSED],
  [ConnectionState.CLOSED]: [],
};

export function mayMove(from: ConnectionState, to: ConnectionState): boolean {
  return MOVES[from].includes(to);
}
