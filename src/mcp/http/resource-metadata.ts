// What this server tells OAuth-aware clients (RFC 9728): where tokens for it come from, and, where a request lacks one, where to read
// that. A server whose tokens come from no such place says nothing of it: clients would only try in vain.
import type { IncomingMessage } from 'node:http';

import { Inject, Injectable } from '@nestjs/common';
import type { OAuthProtectedResourceMetadata } from '@modelcontextprotocol/server';

import { Config } from '../../config/config.js';
import { AGENT_SCOPES } from '../../extension/principal.js';
import { IDENTITY } from '../server-identity.js';

export const MCP_PATH = '/mcp';
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** What a client needs to begin with; more it asks for when it is told to. */
const BASIC_SCOPES = ['tools:read', 'tools:execute'];

@Injectable()
export class ResourceMetadata {
  private readonly servers: readonly string[];

  constructor(@Inject(Config) private readonly config: Config) {
    const { authorizationServers } = config.mcp;
    const { issuer } = config.auth.jwt;
    const isUrl = issuer !== undefined && /^https?:\/\//.test(issuer);
    this.servers = authorizationServers.length > 0 || !isUrl ? authorizationServers : [issuer];
  }

  /** @returns undefined where tokens for this server come from nowhere that clients could go to */
  document(request: Pick<IncomingMessage, 'headers'>): OAuthProtectedResourceMetadata | undefined {
    if (this.servers.length === 0) return undefined;
    return {
      resource: this.baseOf(request) + MCP_PATH,
      authorization_servers: [...this.servers],
      scopes_supported: [...AGENT_SCOPES],
      bearer_methods_supported: ['header'],
      resource_name: IDENTITY.name,
    };
  }

  /** `WWW-Authenticate` of a request that lacks a credential, or a scope. @param scope the one it lacks */
  challenge(request: Pick<IncomingMessage, 'headers'>, scope?: string): string {
    const parts = scope === undefined ? [] : ['error="insufficient_scope"'];
    if (this.servers.length > 0) parts.push(`resource_metadata="${this.baseOf(request)}${METADATA_PATH}${MCP_PATH}"`);
    if (scope !== undefined || this.servers.length > 0) parts.push(`scope="${scope ?? BASIC_SCOPES.join(' ')}"`);
    return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`;
  }

  private baseOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
    if (this.config.mcp.publicUrl !== undefined) return this.config.mcp.publicUrl;
    // A header's value: nothing that could end the string it is put into.
    const host = /^[A-Za-z0-9.:[\]-]{1,255}$/.exec(headers.host ?? '')?.[0] ?? 'localhost';
    return `http://${host}`;
  }
}
