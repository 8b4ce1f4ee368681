// What a tenant and a scope may be called, wherever the name comes from: a request, a token, the command line.

/** No colon: it parts the tenant from the rest in ids such as `jwt:<tenant>:<sub>`. */
export const TENANT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/;
export const TENANT_NAME_RULE = '1 to 128 of A-Za-z0-9_.@-, the first a letter or digit';

/** Open to the scopes of any module: words parted by colons, the last may be a pattern (`tools:execute:github.*`). */
export const SCOPE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.*:-]{0,255}$/;
export const SCOPE_NAME_RULE = '1 to 256 of A-Za-z0-9_.*:-, the first a letter or digit';

/** Each scope is looked at on each check. */
export const MAX_SCOPES = 100;
