// Tools as a caller meets them: listed, and executed, within what its scopes open.
import { Inject, Injectable, Optional } from '@nestjs/common';
import { EncodedOnce } from '@mcpw/protocol';

import type { Caller } from '../extension/caller.js';
import { Failure } from '../extension/failure.js';
import { NO_TOOL_LIMITS, ToolLimits } from '../extension/tool-limits.js';
import { finiteError } from '../validation/json-value.js';
import { shortPath } from '../validation/param-errors.js';
import { ToolAccessCache } from './tool-access.js';
import { ToolCatalog, type ToolListParams, type ToolPage } from './tool-catalog.js';
import { ToolRegistry } from './tool-registry.js';
import { ToolRunner, type ToolOutcome } from './tool-runner.js';

export interface ExecuteToolParams {
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly stream?: boolean;
}

@Injectable()
export class ToolService {
  private readonly access = new ToolAccessCache();
  /** Pages that were sent; they go with the page, when tools change. */
  private readonly encodedPages = new WeakMap<ToolPage, EncodedOnce>();

  constructor(
    private readonly registry: ToolRegistry,
    private readonly catalog: ToolCatalog,
    private readonly runner: ToolRunner,
    @Optional() @Inject(ToolLimits) private readonly limits: ToolLimits = NO_TOOL_LIMITS,
  ) {}

  /**
   * PROTOCOL.md §5 `tool.list`. The same page object until tools change.
   * @throws Failure `invalid_params`
   */
  list(caller: Caller, params: ToolListParams): ToolPage {
    return this.catalog.page(caller.principal, this.access.of(caller.principal), params);
  }

  /** `list`, encoded once for all who get the same page. */
  listEncoded(caller: Caller, params: ToolListParams): EncodedOnce {
    const page = this.list(caller, params);
    let encoded = this.encodedPages.get(page);
    if (encoded === undefined) this.encodedPages.set(page, (encoded = new EncodedOnce(page)));
    return encoded;
  }

  /**
   * PROTOCOL.md §5 `tool.execute`. Answers at once, not by a promise, where the tool does.
   * @throws Failure `not_found` no such tool in the tenant; `forbidden` with the scope that is missing; `rate_limited` by a limit of
   * the tool's own; `invalid_params` with paths below `/arguments`; `timed_out`; `cancelled`; `unavailable` its source is gone
   */
  execute(caller: Caller, params: ExecuteToolParams): ToolOutcome | Promise<ToolOutcome> {
    const { principal } = caller;
    const tool = this.registry.find(principal.tenant, params.name);
    if (tool === undefined) throw Failure.notFound(`tool ${params.name}`);
    const missing = this.access.of(principal).missingScope(tool);
    if (missing !== null) throw Failure.forbidden(missing);
    const limited = this.limits.admit(principal.tenant, tool.name);
    if (limited !== undefined) throw limited;
    const args = params.arguments ?? {};
    const errors = tool.validate(args);
    if (errors !== null) throw Failure.invalidParams(errors.map(({ path, message }) => ({ path: `/arguments${path}`, message })));
    const overflown = finiteError(args, '/arguments');
    if (overflown !== undefined) throw Failure.invalidParams([{ ...overflown, path: shortPath(overflown.path) }]);
    return this.runner.run(tool, args, caller, params.stream === true);
  }
}
