// Standard MCP in front: `/mcp` and `/ws` with the subprotocol `mcp`, both eras on each, over this server's tools and contexts and
// over what other servers and a team's own modules add.
import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module.js';
import { ConnectionModule } from '../connection/connection.module.js';
import { ContextModule } from '../context/context.module.js';
import { FederationModule } from '../federation/federation.module.js';
import { ProtocolModule } from '../protocol/protocol.module.js';
import { ToolsModule } from '../tools/tools.module.js';
import { ContextResources } from './catalog/context-resources.js';
import { McpCatalog } from './catalog/mcp-catalog.js';
import { UpstreamSource } from './catalog/upstream-source.js';
import { ChangeHub } from './changes/change-hub.js';
import { EventStreams } from './http/event-streams.js';
import { HostPolicy } from './http/host-policy.js';
import { HttpAnswers } from './http/http-answers.js';
import { HttpAuthentication } from './http/http-authentication.js';
import { HttpMessages } from './http/http-messages.js';
import { HttpPeers } from './http/http-peers.js';
import { HttpUpkeep } from './http/http-upkeep.js';
import { McpEndpoint } from './http/mcp-endpoint.js';
import { McpRequests } from './http/mcp-requests.js';
import { ResourceMetadata } from './http/resource-metadata.js';
import { ResourceMetadataController } from './http/resource-metadata.controller.js';
import { SessionRequests } from './http/session-requests.js';
import { SessionStore } from './http/session-store.js';
import { InputRounds } from './input-rounds.js';
import { McpDispatcher } from './mcp-dispatcher.js';
import { McpMetrics } from './mcp.metrics.js';
import { MethodRegistry } from './method-registry.js';
import { PromptMethods } from './methods/prompt-methods.js';
import { ResourceMethods } from './methods/resource-methods.js';
import { SessionMethods } from './methods/session-methods.js';
import { ToolMethods } from './methods/tool-methods.js';
import { ToolSearch } from './methods/tool-search.js';
import { RequestState } from './request-state.js';
import { McpSockets } from './socket/mcp-sockets.js';
import { SocketMessages } from './socket/socket-messages.js';

/** Expects `Config`, `Clock`, `Database` and `EventPublisher` from global modules. A module with resources or prompts of its own adds them to `McpCatalog`. */
@Module({
  imports: [AuthModule, ConnectionModule, ContextModule, FederationModule, ProtocolModule, ToolsModule],
  controllers: [ResourceMetadataController],
  providers: [
    ChangeHub,
    ContextResources,
    EventStreams,
    HostPolicy,
    HttpAnswers,
    HttpAuthentication,
    HttpMessages,
    HttpPeers,
    HttpUpkeep,
    InputRounds,
    McpCatalog,
    McpDispatcher,
    McpEndpoint,
    McpMetrics,
    McpRequests,
    McpSockets,
    MethodRegistry,
    PromptMethods,
    RequestState,
    ResourceMetadata,
    ResourceMethods,
    SessionMethods,
    SessionRequests,
    SessionStore,
    SocketMessages,
    ToolMethods,
    ToolSearch,
    UpstreamSource,
  ],
  exports: [McpCatalog],
})
export class McpModule {}
