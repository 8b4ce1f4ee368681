// What a tool, prompt or resource may ask of the client that calls it, and tell it, before it answers. A client that speaks MCP
// has one of these; one of `/ws` with this server's own protocol has none. Which of the two eras of MCP it is makes no difference.
import { Failure } from './failure.js';

/** MCP's levels, by RFC 5424, least serious first. */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Something only the client can give: what its user says, what its model says, which folders it works in. */
export interface InputRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  /** As MCP has them for the method. */
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface CallingClient {
  /** MCP's `ClientCapabilities`: what it may be asked for. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Its answers to what `InputRequired` asked for, under the names given there. Checked to be objects, no more. */
  readonly responses: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What `InputRequired` was given to remember. Comes back unchanged, and only to the principal and the call it was for. */
  readonly state: unknown;
  /** The least serious of what it wants to be told; undefined: it wants nothing. */
  readonly logLevel: LogLevel | undefined;
  /** Tells a client that wants to hear of it what is going on; otherwise it does nothing. Never secrets. */
  log(level: LogLevel, data: unknown, logger?: string): void;
}

/**
 * Thrown by a tool that cannot go on without the client: it is called again, from the start, with the answers in
 * `caller.client.responses` and `state` in `caller.client.state`. A client that cannot give what is asked for is told so, and a
 * caller without a `client` gets `unavailable`.
 */
export class InputRequired extends Failure {
  /**
   * @param requests by names of the tool's own
   * @param state JSON-serializable; the client can read it, and cannot change it
   * @param onAbandoned called where it is known that the client will not come back, with the reason
   */
  constructor(
    readonly requests: Readonly<Record<string, InputRequest>>,
    readonly state?: unknown,
    readonly onAbandoned?: (reason: Error) => void,
  ) {
    super('unavailable', 'more is needed of the client to go on, and this client cannot be asked');
  }
}
