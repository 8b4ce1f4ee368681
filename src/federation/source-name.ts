// Names of upstreams, as the first parts of their tools' names here, and of their resources' URIs.
const LONGEST_SOURCE = 64;

/** Names of sources that are this server's own. */
const OWN: ReadonlySet<string> = new Set(['local', 'agents']);

/** A source's name has no dot: it ends at the first one of a tool's name. Undefined where nothing can be made of the text. */
export function sourceName(text: string): string | undefined {
  const name = text.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST_SOURCE);
  if (!/[A-Za-z0-9]/.test(name)) return undefined;
  return OWN.has(name) ? `${name}_` : name;
}

/**
 * What stands before the URIs of an upstream's resources, so that those of two upstreams differ: a URI's scheme has no
 * underscore and begins with a letter.
 */
export function uriPrefix(source: string): string {
  const scheme = source.toLowerCase().replaceAll('_', '-');
  return `${/^[a-z]/.test(scheme) ? scheme : `x-${scheme}`}+`;
}

/** A link that a client follows through this server; one into the web it follows itself. */
export function linkedUri(source: string, uri: string): string {
  return /^https?:/i.test(uri) ? uri : uriPrefix(source) + uri;
}
