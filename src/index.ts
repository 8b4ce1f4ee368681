// The public door: what a team's own module is built with. Everything else may change without notice.
export { startServer, type RunningServer, type ServerOptions } from './server.js';
export { loadConfig } from './config/load-config.js';
export { Config } from './config/config.js';
export { AgentGateway } from './extension/agent-gateway.decorator.js';
export { Alias } from './extension/alias.decorator.js';
export { FromCaller, type Caller, type CallMeta } from './extension/caller.js';
export { type Channel, SharedNotification } from './extension/channel.js';
export { Clock } from './extension/clock.js';
export { EventPublisher } from './extension/event-publisher.js';
export { Failure, type FailureKind, type ParamError } from './extension/failure.js';
export type { Principal } from './extension/principal.js';
export { Open, Requires } from './extension/requires.decorator.js';
export { Tool, type ToolCaller, type ToolOptions } from './extension/tool.decorator.js';
