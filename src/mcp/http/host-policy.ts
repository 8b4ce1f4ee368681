// By which names `/mcp` may be reached, and from which web pages. A page that has its own name point to this machine (DNS rebinding)
// is of the same origin as what it reaches: only the `Host` gives it away.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import { Inject, Injectable } from '@nestjs/common';
import { localhostAllowedHostnames, validateHostHeader } from '@modelcontextprotocol/server';

import { Config } from '../../config/config.js';
import { isLoopback } from '../../config/setting-checks.js';
import { mayConnect } from '../../protocol/origin-policy.js';

/** Names that were found good are not taken apart again. */
const KEPT_HOSTS = 64;

@Injectable()
export class HostPolicy {
  /** Undefined: any. */
  private readonly hostnames: string[] | undefined;
  private readonly good = new Set<string>();

  constructor(@Inject(Config) private readonly config: Config) {
    const { allowedHosts, publicUrl } = config.mcp;
    if (allowedHosts.length > 0) this.hostnames = [...allowedHosts, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])];
    else if (isLoopback(config.host)) this.hostnames = [...localhostAllowedHostnames(), config.host];
    this.hostnames = this.hostnames?.map((name) => (isIP(name) === 6 ? `[${name}]` : name.toLowerCase()));
  }

  /** @returns what is wrong, for people; undefined where nothing is */
  problemOf(request: IncomingMessage): string | undefined {
    const { host = '' } = request.headers;
    if (!this.isGood(host)) return 'this server is not reached by that name';
    return mayConnect(this.config.websocket.security, request) ? undefined : 'this origin may not connect';
  }

  private isGood(host: string): boolean {
    if (this.hostnames === undefined || this.good.has(host)) return true;
    if (!validateHostHeader(host, this.hostnames).ok) return false;
    if (this.good.size >= KEPT_HOSTS) this.good.clear();
    this.good.add(host);
    return true;
  }
}
