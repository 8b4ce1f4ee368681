// Which number stands for which method in binary frames: the protocol's own, and what `initialize` told of this server's (protocol §3).
import { ErrorCode, METHOD_NUMBERS } from '@mcpw/protocol';

import { McpwError } from './errors.js';

export class MethodNumbers {
  private readonly numbers = new Map<string, number>();
  private readonly names = new Map<number, string>();

  constructor() {
    this.learn(METHOD_NUMBERS);
  }

  learn(methods: Readonly<Record<string, number>>): void {
    for (const [name, number] of Object.entries(methods)) {
      this.numbers.set(name, number);
      this.names.set(number, name);
    }
  }

  /** @throws McpwError `method_not_found` where the server has no such method */
  numberOf(method: string): number {
    const number = this.numbers.get(method);
    if (number === undefined) throw new McpwError(ErrorCode.METHOD_NOT_FOUND, `the server has no method ${method}`);
    return number;
  }

  /** Empty for a number that nobody told of. */
  nameOf(number: number): string {
    return this.names.get(number) ?? '';
  }
}
