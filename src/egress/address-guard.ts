// Whom the server may open a connection to, when somebody who does not run it named the host. Asked when a URL is given, and
// again by every connection with the very addresses that it will use, so that a name which changes its mind gains nothing.
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import { Failure } from '../extension/failure.js';
import { isPublicAddress } from './public-address.js';

type Lookup = (host: string, options: { all: true }, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

export class AddressGuard {
  private readonly allowed: ReadonlySet<string>;

  /**
   * @param allowedHosts names and addresses that may be anything, whatever they resolve to
   * @param resolve the system's resolver, unless a spec has its own
   */
  constructor(
    allowedHosts: readonly string[],
    private readonly resolve: Lookup = systemLookup,
  ) {
    this.allowed = new Set(allowedHosts.map(plainHost));
  }

  /** For `net.connect` and all that is built on it: gives only addresses that may be reached. */
  readonly lookup: LookupFunction = (host, options, done) => {
    this.resolve(host, { all: true }, (error, found) => {
      const refusal = error ?? this.refusalOf(host, found);
      const wanted = found?.filter(
        ({ family }) => !options.family || options.family === 'IPv4' || options.family === 'IPv6' || family === options.family,
      );
      const [first] = wanted ?? [];
      if (refusal !== undefined && refusal !== null) done(refusal, '', 0);
      else if (options.all === true) done(null, wanted);
      else if (first === undefined) done(Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' }), '', 0);
      else done(null, first.address, first.family);
    });
  };

  /**
   * A host that is an address is never looked up: it is refused here.
   * @throws Failure invalid_params
   */
  refuseLiteral(host: string): void {
    const plain = plainHost(host);
    if (isIP(plain) !== 0 && !this.allowed.has(plain) && !isPublicAddress(plain)) throw notPublic(host);
  }

  /**
   * Before a URL is kept: the answer of this moment, for who gives it. What protects is that every connection asks again.
   * @throws Failure invalid_params
   */
  async check(url: URL): Promise<void> {
    const host = plainHost(url.hostname);
    if (this.allowed.has(host)) return;
    this.refuseLiteral(host);
    if (isIP(host) !== 0) return;
    const found = await new Promise<LookupAddress[]>((resolve, reject) =>
      this.resolve(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error))),
    ).catch(() => {
      // Not told apart: which names there are inside is nobody's to find out.
      throw notPublic(host);
    });
    const refusal = this.refusalOf(host, found);
    if (refusal !== undefined) throw refusal;
  }

  /** One address that is not public is enough: which one a connection takes is the resolver's choice. */
  private refusalOf(host: string, found: readonly LookupAddress[]): Failure | undefined {
    if (this.allowed.has(plainHost(host)) || found.every(({ address }) => isPublicAddress(address))) return undefined;
    return notPublic(host);
  }
}

/** Lower case, without the brackets of IPv6 and the dot of the root. */
function plainHost(host: string): string {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return bare.toLowerCase().replace(/\.$/, '');
}

function notPublic(host: string): Failure {
  const message = `the host ${host} has no public address; an operator can allow it with federation.allowed_hosts`;
  return Failure.invalidParams([{ path: '/url', message }]);
}
