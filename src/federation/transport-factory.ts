// How an upstream is reached, from its definition.
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Transport } from '@modelcontextprotocol/client';

import { Config } from '../config/config.js';
import type { RemoteServer } from '../config/mcp-server.js';
import { AddressGuard } from '../egress/address-guard.js';
import { HttpCaller } from '../egress/http-caller.js';
import { HttpTransport } from './http-transport.js';
import { printable } from '../validation/printable.js';
import { ProcessWarden } from './process-warden.js';
import { INSPECTION } from './read-message.js';
import { upstreamRedactor } from './upstream-secrets.js';
import { StdioTransport } from './stdio-transport.js';
import type { UpstreamDefinition } from './upstream-definition.js';
import { WebSocketTransport } from './web-socket-transport.js';

const LONGEST_LOG_LINE = 1_000;

@Injectable()
export class TransportFactory {
  private readonly logger = new Logger('Upstreams');

  constructor(
    @Inject(Config) private readonly config: Config,
    private readonly warden: ProcessWarden,
  ) {}

  /** @param token the caller's own, in place of what the definition has as `Authorization` */
  open({ source, server, origin }: UpstreamDefinition, token?: string): Transport {
    if (server.type === 'stdio') {
      const redact = upstreamRedactor(server);
      const onLog = (line: string): void =>
        this.logger.debug({ msg: 'an upstream says', upstream: source, line: printable(redact(line), LONGEST_LOG_LINE) });
      return new StdioTransport({ program: server, warden: this.warden, maxMessageBytes: server.limits.maxMessageBytes, onLog });
    }
    const url = new URL(server.url);
    const guard = new AddressGuard([...this.config.federation.allowedHosts, ...(origin === 'file' ? [url.hostname] : [])]);
    const headers = headersOf(server, token);
    const { connectTimeoutMs, maxMessageBytes } = server.limits;
    if (server.type === 'ws') return new WebSocketTransport({ url, headers, guard, connectTimeoutMs, maxMessageBytes });
    const http = new HttpCaller({ guard, connectTimeoutMs, maxResponseBytes: maxMessageBytes, inspection: INSPECTION });
    return new HttpTransport({ url, headers, http });
  }
}

function headersOf({ headers }: RemoteServer, token: string | undefined): Readonly<Record<string, string>> {
  if (token === undefined) return headers;
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization');
  return { ...Object.fromEntries(others), authorization: `Bearer ${token}` };
}
