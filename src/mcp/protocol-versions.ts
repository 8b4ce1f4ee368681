// The revisions of MCP that are spoken here. From 2026-07-28 on (the newer era) every request says all that is to be known of its
// client; before, `initialize` opened a session that knew it.
import { SUPPORTED_PROTOCOL_VERSIONS, UnsupportedProtocolVersionError } from '@modelcontextprotocol/server';

export type Era = 'modern' | 'legacy';

export const MODERN_VERSION = '2026-07-28';
/** Newest first. */
export const LEGACY_VERSIONS: readonly string[] = SUPPORTED_PROTOCOL_VERSIONS;
export const SUPPORTED_VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS];
/** The one revision that had batches. */
export const BATCH_VERSION = '2025-03-26';
/** From here on an event stream begins with an event that says nothing but its id. */
export const PRIMED_SINCE = '2025-11-25';
/** From here on content may be a link to a resource, and a result structured. */
export const STRUCTURED_SINCE = '2025-06-18';

/** What `initialize` answers: the client's own revision, or the newest that it may know. */
export const negotiated = (requested: string): string => (LEGACY_VERSIONS.includes(requested) ? requested : (LEGACY_VERSIONS[0] as string));

export const unsupportedVersion = (requested: string): UnsupportedProtocolVersionError =>
  new UnsupportedProtocolVersionError({ supported: [...SUPPORTED_VERSIONS], requested });
