// How the upstreams of the file fare, for readiness and whoever else may ask, strangers too: what is for some tenants only is told without
// its name. Those that administrators added are their own affair.
import { Injectable } from '@nestjs/common';

import type { Upstream } from './upstream.js';
import { Upstreams } from './upstreams.js';

export interface UpstreamReading {
  /** `upstream:<name>` of one that all tenants see, `upstreams:of-tenants` of all others together. */
  readonly name: string;
  /** Whether none is missing that is required. */
  readonly isReady: boolean;
  readonly details: Readonly<Record<string, unknown>>;
}

@Injectable()
export class UpstreamHealth {
  constructor(private readonly upstreams: Upstreams) {}

  read(): UpstreamReading[] {
    const ofFile = this.upstreams.all().filter(({ definition }) => definition.origin === 'file');
    const limited = ofFile.filter(({ definition }) => definition.tenants !== null);
    const readings = ofFile.filter((upstream) => !limited.includes(upstream)).map(readingOf);
    return limited.length === 0 ? readings : [...readings, summed(limited)];
  }
}

function readingOf(upstream: Upstream): UpstreamReading {
  const { source, state, tools } = upstream;
  return { name: `upstream:${source}`, isReady: isReady(upstream), details: { state, tools: tools.size } };
}

function summed(upstreams: readonly Upstream[]): UpstreamReading {
  return {
    name: 'upstreams:of-tenants',
    isReady: upstreams.every(isReady),
    details: { connected: upstreams.filter(isConnected).length, total: upstreams.length },
  };
}

const isConnected = ({ state }: Upstream): boolean => state === 'connected';
const isReady = (upstream: Upstream): boolean => isConnected(upstream) || !upstream.definition.server.required;
