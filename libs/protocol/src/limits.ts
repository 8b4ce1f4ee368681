/** Limits that the protocol itself sets; those that a server configures are parameters of what checks them. */

/** Characters of an `id` and of an `idempotency_key`. PROTOCOL.md §2. */
export const MAX_ID_LENGTH = 128;
/** Nesting of arrays and objects, the outermost counted. PROTOCOL.md §2. */
export const MAX_DEPTH = 64;
/** JSON text of fewer characters cannot nest deeper than that: each level takes two. */
export const SHORTEST_TOO_DEEP = 2 * (MAX_DEPTH + 1);
/** Messages of one batch. PROTOCOL.md §2. */
export const MAX_BATCH = 100;
/** Characters of a `nonce`. PROTOCOL.md §4. */
export const MIN_NONCE_LENGTH = 8;
export const MAX_NONCE_LENGTH = 64;
/** Bytes; `max_message_size` where nothing else is configured. */
export const DEFAULT_MAX_MESSAGE_SIZE = 1_048_576;
/** Bytes; smaller payloads are never compressed. PROTOCOL.md §3. */
export const DEFAULT_COMPRESSION_THRESHOLD = 1024;
