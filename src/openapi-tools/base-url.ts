// Where an API is: what the configuration says, else the first server of its document, which may be relative to the document.
import type { OpenApiSource } from '../config/openapi-source.js';
import { DocumentError, isNode, type OpenApiDocument } from './document.js';

/** Without a slash at its end. @throws DocumentError where neither says it */
export function baseUrlOf(document: OpenApiDocument, { baseUrl, document: place }: OpenApiSource): string {
  const url = baseUrl ?? serverOf(document);
  const base = /^https?:\/\//i.test(place) ? place : undefined;
  const whole = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (whole === undefined || !/^https?:$/.test(whole.protocol)) throw new DocumentError('does not say where the API is: set baseUrl');
  // Who serves the document must not choose who gets the operator's credentials, or which of its hosts is asked.
  if (baseUrl === undefined && base !== undefined && whole.origin !== new URL(base).origin) {
    throw new DocumentError(`says that the API is at ${whole.origin}, not where it comes from itself: set baseUrl`);
  }
  whole.search = '';
  whole.hash = '';
  return whole.href.replace(/\/$/, '');
}

function serverOf({ root }: OpenApiDocument): string {
  const [server] = Array.isArray(root['servers']) ? (root['servers'] as unknown[]) : [];
  if (!isNode(server) || typeof server['url'] !== 'string') return '/';
  const variables = isNode(server['variables']) ? server['variables'] : {};
  return server['url'].replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return isNode(variable) && typeof variable['default'] === 'string' ? variable['default'] : whole;
  });
}
