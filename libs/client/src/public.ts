// What both doors of the package have in common.
export type { Progress, RequestOptions } from './call.js';
export { Client, type ClientEvents, type ExecuteOptions, type Session } from './client.js';
export type { ClientOptions, ReconnectOptions } from './client-options.js';
export type { CredentialOptions, Source } from './credentials.js';
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
