// What both doors of the package have in common.
// Its types name `Symbol.asyncDispose` and `Symbol.dispose`, which older targets have not.
/// <reference lib="esnext.disposable" preserve="true" />
export type { Progress, RequestOptions } from './call.js';
export { Client, type ExecuteOptions, type Session } from './client.js';
export type { ClientEvents } from './client-events.js';
export type { ClientOptions, ConnectionOptions, ReconnectOptions } from './client-options.js';
export type { CredentialOptions, CredentialSources, Source } from './credentials.js';
export {
  ClientClosedError,
  ConnectionLostError,
  InvalidOptionError,
  McpwError,
  type McpwErrorName,
  QueueFullError,
  RequestTimeoutError,
  UnsupportedError,
  UpgradeRefusedError,
} from './errors.js';
export type { ClientState, StateChange } from './lifeline.js';
export type * from './method-map.js';
export type { Offer } from './offered-tools.js';
export type { Clock, Platform, Socket, SocketEvents, UpgradeRequest } from './platform.js';
export type { ClientEvent, EventGap, SubscribeOptions, Subscription } from './subscription.js';
export type { ToolContent, ToolReturn } from './tool-answer.js';
export type { OfferedTool, ToolContext } from './tool-runs.js';
export type { ToolRun } from './tool-run.js';
export { ErrorCode } from '@mcpw/protocol';
