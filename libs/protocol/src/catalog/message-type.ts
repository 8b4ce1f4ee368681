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

/** Whether it has something run: it bears a method, and what its sender counts for an id. */
export function isCall(type: number): boolean {
  return type === MessageType.REQUEST || type === MessageType.NOTIFICATION;
}

/** Whether it answers a request: its id is of its receiver's counting. */
export function isAnswer(type: number): boolean {
  return type === MessageType.RESPONSE || type === MessageType.ERROR;
}
