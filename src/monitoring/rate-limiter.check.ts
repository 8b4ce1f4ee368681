// Whether the rate limits let traffic through: the share of the last minute's messages that they refused.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { TrafficMeter } from '../connection/traffic-meter.js';
import { statusOf, type HealthCheck, type HealthReading } from './health-check.js';

const SAMPLE_INTERVAL_MS = 5_000;
/** With the present, a minute. */
const SAMPLES = 12;
/** One message in ten refused: somebody is being slowed down. One in two: the limits do not fit the traffic. */
const DEGRADED_AT = 0.1;
const UNHEALTHY_AT = 0.5;
/** Fewer messages a minute say nothing. */
const LEAST_MESSAGES = 20;

interface Sample {
  readonly received: number;
  readonly refused: number;
}

@Injectable()
export class RateLimiterCheck implements HealthCheck, OnModuleInit, OnModuleDestroy {
  readonly name = 'rate_limiter';
  private samples: Sample[] = [{ received: 0, refused: 0 }];
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
    // A batch is one message received, and as many refused as it has members.
    const errorRate = Math.min(1, (present.refused - oldest.refused) / Math.max(1, received));
    return { status: received < LEAST_MESSAGES ? 'healthy' : statusOf(errorRate, DEGRADED_AT, UNHEALTHY_AT), error_rate: errorRate };
  }

  private present(): Sample {
    const { messages, rateRefusals } = this.meter.snapshot();
    const { connection, ip, user, tenant } = rateRefusals;
    return { received: messages.received, refused: connection + ip + user + tenant };
  }
}
