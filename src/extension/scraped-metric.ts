// A metric for prom-client's register that reads its values when it is scraped and costs nothing in between.
// Not prom-client's own kinds, which have to be told of every change.
import { register, type Metric } from 'prom-client';

export interface Series {
  /** Where it is not the metric's own, e.g. a histogram's `…_sum`. */
  readonly metricName?: string;
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export class ScrapedMetric {
  constructor(
    readonly type: 'counter' | 'gauge' | 'histogram',
    readonly name: string,
    readonly help: string,
    private readonly read: () => readonly Series[],
  ) {}

  /** What a register asks of a metric. */
  get() {
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values: this.read() };
  }

  /** Into the one register that modules of other teams use as well. */
  register(): void {
    register.registerMetric(this as unknown as Metric);
  }

  unregister(): void {
    register.removeSingleMetric(this.name);
  }
}
