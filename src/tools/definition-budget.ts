// How much of the server's memory agents' definitions may take, counted in characters of their JSON. Compiled, a schema takes
// about forty bytes for each (measured: 500 schemas of 40,000 characters were 800 MB), so the whole is some 640 MB at most.
import { Failure } from '../extension/failure.js';

const MAX_OF_CONNECTION = 1_048_576;
const MAX_OF_TENANT = 4_194_304;
const MAX_OF_SERVER = 16_777_216;

export class DefinitionBudget {
  private readonly tenants = new Map<string, number>();
  private server = 0;

  /**
   * @param own what the connection has already
   * @throws Failure `too_large` past what a connection or a tenant may have, `unavailable` past what the server has room for
   */
  refuse(tenant: string, own: number, more: number): void {
    if (more <= 0) return;
    const ofTenant = this.tenants.get(tenant) ?? 0;
    if (own + more > MAX_OF_CONNECTION) throw tooLarge('a connection', own + more, MAX_OF_CONNECTION);
    if (ofTenant + more > MAX_OF_TENANT) throw tooLarge('a tenant', ofTenant + more, MAX_OF_TENANT);
    if (this.server + more > MAX_OF_SERVER) throw new Failure('unavailable', 'the server has no room for more definitions of tools');
  }

  /** @param more less than nothing gives back */
  take(tenant: string, more: number): void {
    const ofTenant = (this.tenants.get(tenant) ?? 0) + more;
    if (ofTenant === 0) this.tenants.delete(tenant);
    else this.tenants.set(tenant, ofTenant);
    this.server += more;
  }
}

const tooLarge = (whose: string, characters: number, limit: number): Failure =>
  new Failure('too_large', `the definitions of tools of ${whose} would have ${characters} characters, more than ${limit}`);
