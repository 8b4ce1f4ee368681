// By which names a request may say that it reaches this server. A page that has its own name point to this machine (DNS rebinding) is of
// the same origin as what it reaches, and a proxy on this machine comes from a loopback address: only the `Host` gives them away.
import { isIP } from 'node:net';

import { localhostAllowedHostnames, validateHostHeader } from '@modelcontextprotocol/server';

/** Names that were found good are not taken apart again. */
const KEPT_HOSTS = 64;

export class HostNames {
  private readonly names: string[];
  private readonly good = new Set<string>();

  /** @param names host names and addresses, without a port */
  constructor(names: readonly string[]) {
    this.names = names.map((name) => (isIP(name) === 6 ? `[${name}]` : name.toLowerCase()));
  }

  /** The names of this machine for itself. @param host the loopback address that the server listens on */
  static ofLoopback(host: string): HostNames {
    return new HostNames([...localhostAllowedHostnames(), host]);
  }

  /** @param host the header, with a port or without; absent or empty it is no name */
  has(host = ''): boolean {
    if (this.good.has(host)) return true;
    if (!validateHostHeader(host, this.names).ok) return false;
    if (this.good.size >= KEPT_HOSTS) this.good.clear();
    this.good.add(host);
    return true;
  }
}
