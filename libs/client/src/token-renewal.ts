// Renews a JWT on the open connection before the server would close it for its age (protocol §5, `session.authenticate`).
// Where the renewal fails, the close (4401) and the reconnect that follows it do the same, only less smoothly.
import { fromBase64url } from '@mcpw/protocol';

import type { Clock } from './platform.js';

const LARGEST_LEAD_MS = 60_000;
/** Of the time that is left. */
const LEAD = 0.2;

export class TokenRenewal {
  private stopTimer: () => void = () => undefined;
  private isStopped = false;

  /**
   * @param fetch gets a fresh token
   * @param authenticate tells the server
   */
  constructor(
    private readonly clock: Clock,
    private readonly fetch: () => Promise<string>,
    private readonly authenticate: (token: string) => Promise<unknown>,
  ) {}

  /** @param token the one in use; one that tells no expiry is not renewed */
  start(token: string): void {
    const expiresAt = expiryOf(token);
    if (expiresAt === undefined || this.isStopped) return;
    const leftMs = expiresAt - this.clock.now();
    this.stopTimer = this.clock.after(Math.max(0, leftMs - Math.min(LARGEST_LEAD_MS, leftMs * LEAD)), () => void this.renew(token));
  }

  stop(): void {
    this.isStopped = true;
    this.stopTimer();
  }

  private async renew(used: string): Promise<void> {
    try {
      const token = await this.fetch();
      if (this.isStopped) return;
      await this.authenticate(token);
      // A function that gives the same token again is not asked without end.
      if (token !== used) this.start(token);
    } catch {
      // The server will say so.
    }
  }
}

/** `exp` of a JWT in milliseconds; undefined for anything else. Nothing is verified: that is the server's. */
export function expiryOf(token: string): number | undefined {
  const bytes = fromBase64url(token.split('.')[1] ?? '');
  if (bytes === undefined) return undefined;
  try {
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { exp?: unknown } | null;
    return typeof claims?.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
