// Whether the server answers what it is asked: the share of the last minute's messages that failed by its own fault (4003). Not what is a
// caller's: who runs into a rate limit, or asks for what is not there, must not wake anybody. Nor 4014 and 4016, which are mostly said of
// upstreams and of tools that agents offer, and so are an agent's to cause; the database has a check of its own.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { TrafficMeter } from '../connection/traffic-meter.js';
import { statusOf, type HealthCheck, type HealthReading } from './health-check.js';

const SAMPLE_INTERVAL_MS = 5_000;
/** With the present, a minute. */
const SAMPLES = 12;
/** One message in ten; one in two. */
const DEGRADED_AT = 0.1;
const UNHEALTHY_AT = 0.5;
/** Fewer messages a minute say nothing. */
const LEAST_MESSAGES = 20;

interface Sample {
  readonly received: number;
  readonly failed: number;
}

@Injectable()
export class ErrorRateCheck implements HealthCheck, OnModuleInit, OnModuleDestroy {
  /** The guide's name for where the `error_rate` stands. */
  readonly name = 'rate_limiter';
  private samples: Sample[] = [{ received: 0, failed: 0 }];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly meter: TrafficMeter) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.sample(), SAMPLE_INTERVAL_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Notes where the counters stand; the oldest note is what the present is compared with. */
  sample(): void {
    this.samples.push(this.present());
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  read(): HealthReading {
    const oldest = this.samples[0] as Sample;
    const present = this.present();
    const received = present.received - oldest.received;
    // A batch is one message received, and as many failed as it has members.
    const errorRate = Math.min(1, (present.failed - oldest.failed) / Math.max(1, received));
    return { status: received < LEAST_MESSAGES ? 'healthy' : statusOf(errorRate, DEGRADED_AT, UNHEALTHY_AT), error_rate: errorRate };
  }

  private present(): Sample {
    const { messages, errors } = this.meter.snapshot();
    return { received: messages.received, failed: errors.server_error };
  }
}
