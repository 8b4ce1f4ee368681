/** What a message is: `type` of an envelope, byte 5 of a frame. PROTOCOL.md §2. */
export const MessageType = {
  REQUEST: 0,
  RESPONSE: 1,
  NOTIFICATION: 2,
  ERROR: 3,
  PING: 4,
  PONG: 5,
  BATCH: 6,
} as const;

export type MessageType = (typeof MessageType)[keyof typeof MessageType];
