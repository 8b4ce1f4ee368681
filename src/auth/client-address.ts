// Which address a request comes from. What a client says in `X-Forwarded-For` counts only where a proxy of ours passed it on.
import { BlockList, isIP } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';

import { Config } from '../config/config.js';

/** What is read of a request. */
export interface AddressedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

@Injectable()
export class ClientAddress {
  /** The nearest address that is not a trusted proxy's, plain IPv4 where it is mapped into IPv6; empty when the socket is gone. */
  readonly of: (request: AddressedRequest) => string;
  /** Whether an address is a trusted proxy's. */
  readonly isProxy: (address: string) => boolean;

  constructor(@Inject(Config) config: Config) {
    const { trustedProxies } = config.websocket.security;
    const isProxy = proxyTest(trustedProxies);
    this.of = clientAddress(trustedProxies);
    this.isProxy = (address) => isProxy(plain(address));
  }
}

/** @param trustedProxies addresses, and networks in CIDR notation */
export function clientAddress(trustedProxies: readonly string[]): (request: AddressedRequest) => string {
  const isProxy = proxyTest(trustedProxies);
  return ({ headers, socket }) => {
    let address = plain(socket.remoteAddress ?? '');
    const forwarded = headers['x-forwarded-for'];
    if (trustedProxies.length === 0 || forwarded === undefined) return address;
    const hops = String(forwarded).split(',');
    while (hops.length > 0 && isProxy(address)) {
      const hop = withoutPort(hops.pop() as string);
      if (isIP(hop) === 0) break; // and what stands before it was passed on by nobody we trust
      address = plain(hop);
    }
    return address;
  };
}

function proxyTest(trustedProxies: readonly string[]): (address: string) => boolean {
  const proxies = blockListOf(trustedProxies);
  return (address) => isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  return list;
}

const MAPPED = '::ffff:';

function plain(address: string): string {
  return address.startsWith(MAPPED) && isIP(address.slice(MAPPED.length)) === 4 ? address.slice(MAPPED.length) : address;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  const text = hop.trim();
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'));
  const colon = text.indexOf(':');
  return colon > 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}
