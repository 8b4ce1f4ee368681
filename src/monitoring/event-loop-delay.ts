// How late the event loop is: the sign of a handler that holds up all others.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

const RESOLUTION_MS = 20;
/** Finer, so that the longest delay of a short time is known to this many milliseconds. */
const RECENT_RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

export interface EventLoopReading {
  /** Beyond the sampling interval, since the server started, in milliseconds. */
  readonly delay_ms: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** Since it was last asked for. */
  readonly recent_ms: { readonly p99: number; readonly max: number };
  /** Share of the time that the loop was busy, since it was last asked. */
  readonly utilization: number;
}

@Injectable()
export class EventLoopDelay implements OnModuleInit, OnModuleDestroy {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly recent = monitorEventLoopDelay({ resolution: RECENT_RESOLUTION_MS });
  private last = performance.eventLoopUtilization();

  onModuleInit(): void {
    this.histogram.enable();
    this.recent.enable();
  }

  onModuleDestroy(): void {
    this.histogram.disable();
    this.recent.disable();
  }

  read(): EventLoopReading {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.last);
    this.last = now;
    const { mean, max } = this.histogram;
    const delay_ms = {
      mean: delayMs(mean),
      p50: delayMs(this.histogram.percentile(50)),
      p99: delayMs(this.histogram.percentile(99)),
      max: delayMs(max),
    };
    const recent_ms = {
      p99: delayMs(this.recent.percentile(99), RECENT_RESOLUTION_MS),
      max: delayMs(this.recent.max, RECENT_RESOLUTION_MS),
    };
    this.recent.reset();
    return { delay_ms, recent_ms, utilization: round(utilization) };
  }
}

/** The histogram has whole intervals, and no mean before the first. */
function delayMs(intervalNs: number, resolutionMs = RESOLUTION_MS): number {
  return Number.isFinite(intervalNs) && intervalNs > 0 ? Math.max(0, round(intervalNs / NS_PER_MS - resolutionMs)) : 0;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
