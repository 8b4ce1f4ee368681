// How late the event loop is: the sign of a handler that holds up all others.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

export interface EventLoopReading {
  /** Beyond the sampling interval, since the server started, in milliseconds. */
  readonly delay_ms: { readonly mean: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** Share of the time that the loop was busy, since it was last asked. */
  readonly utilization: number;
}

@Injectable()
export class EventLoopDelay implements OnModuleInit, OnModuleDestroy {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private last = performance.eventLoopUtilization();

  onModuleInit(): void {
    this.histogram.enable();
  }

  onModuleDestroy(): void {
    this.histogram.disable();
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
    return { delay_ms, utilization: round(utilization) };
  }
}

/** The histogram has whole intervals, and no mean before the first. */
function delayMs(intervalNs: number): number {
  return Number.isFinite(intervalNs) && intervalNs > 0 ? Math.max(0, round(intervalNs / NS_PER_MS - RESOLUTION_MS)) : 0;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
