// What signals do to the process. Until the server listens there is nothing to drain: SIGTERM and SIGINT end the process, with 0, and what
// a SIGHUP asks for is done once it does. Without this SIGHUP would end the start, and SIGTERM, where the process is a container's first,
// would do nothing.

export interface SignalTasks {
  /** SIGTERM or SIGINT. */
  end(): void;
  /** SIGHUP. */
  reload(): void;
}

export class Signals {
  private isReloadDue = false;
  private tasks: SignalTasks = { end: () => process.exit(0), reload: () => void (this.isReloadDue = true) };

  /** Takes them from here on. */
  constructor() {
    process.on('SIGTERM', () => this.tasks.end());
    process.on('SIGINT', () => this.tasks.end());
    process.on('SIGHUP', () => this.tasks.reload());
  }

  /** The server listens. */
  hand(tasks: SignalTasks): void {
    this.tasks = tasks;
    if (this.isReloadDue) tasks.reload();
  }
}
