// By which names `/mcp` may be reached, and from which web pages.
import type { IncomingMessage } from 'node:http';

import { Inject, Injectable } from '@nestjs/common';

import { HostNames } from '../../auth/host-names.js';
import { Config } from '../../config/config.js';
import { isLoopback } from '../../config/setting-checks.js';
import { mayConnect } from '../../protocol/origin-policy.js';

@Injectable()
export class HostPolicy {
  /** Undefined: any. */
  private readonly names: HostNames | undefined;

  constructor(@Inject(Config) private readonly config: Config) {
    const { allowedHosts, publicUrl } = config.mcp;
    if (allowedHosts.length > 0)
      this.names = new HostNames([...allowedHosts, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])]);
    else if (isLoopback(config.host)) this.names = HostNames.ofLoopback(config.host);
  }

  /** @returns what is wrong, for people; undefined where nothing is */
  problemOf(request: IncomingMessage): string | undefined {
    if (this.names?.has(request.headers.host) === false) return 'this server is not reached by that name';
    return mayConnect(this.config.websocket.security, request) ? undefined : 'this origin may not connect';
  }
}
