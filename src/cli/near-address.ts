// Where a command on the same machine reaches the server that these settings start.
import type { Config } from '../config/config.js';

const EVERY_INTERFACE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export interface NearAddress {
  readonly isSecure: boolean;
  /** `host:port`, with brackets around a host that has colons. */
  readonly authority: string;
}

export function nearAddress({ host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>): NearAddress {
  const near = EVERY_INTERFACE[host] ?? host;
  return { isSecure: tls.cert !== undefined && tls.key !== undefined, authority: `${near.includes(':') ? `[${near}]` : near}:${port}` };
}
