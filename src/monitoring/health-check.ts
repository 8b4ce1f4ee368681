// What a health check is. The checks themselves are beside this file, one each; server-health.ts asks them all.

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** A check's answer: its status and the numbers that it was read from. */
export type HealthReading = { readonly status: HealthStatus } & Readonly<Record<string, unknown>>;

export interface HealthCheck {
  /** Member of `checks` in the answer. */
  readonly name: string;
  /** Absent from the answer while it is healthy: the guide's answer has two checks. */
  readonly isSilentWhileHealthy?: boolean;
  read(): HealthReading | Promise<HealthReading>;
}
/** All checks, in the order of the answer. */
export const HEALTH_CHECKS = Symbol('HEALTH_CHECKS');

/** Healthy below `degradedAt`, unhealthy from `unhealthyAt` on. */
export function statusOf(value: number, degradedAt: number, unhealthyAt: number): HealthStatus {
  if (value >= unhealthyAt) return 'unhealthy';
  return value >= degradedAt ? 'degraded' : 'healthy';
}
