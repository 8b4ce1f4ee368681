// Lists of tenants in free-form maps. Whether such a tenant exists is not known here: tenants come with credentials.
import type { MapReader } from './map-reader.js';

const TENANT = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/;

/** `tenants` of the map; undefined: all. */
export function readTenants(reader: MapReader): readonly string[] | undefined {
  const tenants = reader.strings('tenants');
  if (tenants?.every((name) => TENANT.test(name)) !== false) return tenants;
  return reader.wrong('tenants', 'has a name that is not 1 to 128 of A-Za-z0-9_.@-, the first a letter or digit');
}

/** Whether there may be a tenant in both. Null: all tenants. */
export const shareTenant = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a === null || b === null || a.some((tenant) => b.includes(tenant));
