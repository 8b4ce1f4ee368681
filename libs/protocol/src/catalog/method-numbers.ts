/** The built-in methods' numbers, as in PROTOCOL.md §3. The first number a module's own methods may take is {@link FIRST_MODULE_METHOD}. */
export const METHOD_NUMBERS = {
  initialize: 1,
  'tool.list': 2,
  'tool.execute': 3,
  'context.get': 4,
  'context.update': 5,
  'event.subscribe': 6,
  'event.unsubscribe': 7,
  ping: 8,
  pong: 9,
  'context.create': 10,
  'context.list': 11,
  'context.delete': 12,
  'event.publish': 13,
  event: 14,
  'tool.cancel': 15,
  'tool.progress': 16,
  'tool.register': 17,
  'tool.unregister': 18,
  'context.search': 19,
  'server.draining': 20,
  'event.gap': 21,
  'session.ack': 22,
  'tool.changed': 23,
  'session.authenticate': 24,
} as const;

export type MethodName = keyof typeof METHOD_NUMBERS;
export type MethodNumber = (typeof METHOD_NUMBERS)[MethodName];

/** Methods of modules added to a server are numbered from here up; `initialize` answers with the whole table. */
export const FIRST_MODULE_METHOD = 0x1000;
