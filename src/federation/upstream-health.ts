// How the upstreams of the file fare, for readiness and whoever else may ask. Those that administrators added are their own affair.
import { Injectable } from '@nestjs/common';

import type { LinkState } from './upstream-link.js';
import { Upstreams } from './upstreams.js';

export interface UpstreamReading {
  readonly source: string;
  readonly state: LinkState;
  readonly isUp: boolean;
  /** Whether the server is not ready while this one is not up. */
  readonly isRequired: boolean;
  readonly tools: number;
}

@Injectable()
export class UpstreamHealth {
  constructor(private readonly upstreams: Upstreams) {}

  read(): UpstreamReading[] {
    return this.upstreams
      .all()
      .filter(({ definition }) => definition.origin === 'file')
      .map(({ source, state, definition, tools }) => ({
        source,
        state,
        isUp: state === 'connected',
        isRequired: definition.server.required,
        tools: tools.size,
      }));
  }
}
