// Which tools a set of scopes opens. Not which exist: tool-registry.ts.
import { holdsScope, type Principal } from '../extension/principal.js';
import { matchesGlob } from './glob.js';
import type { RegisteredTool } from './tool-source.js';

const EXECUTE = 'tools:execute';
const NARROWED = `${EXECUTE}:`;

/** What one set of scopes may use. Verdicts are kept: a call asks for one that was nearly always given before. */
export class ToolAccess {
  /** The same for all principals with the same scopes. */
  readonly key: string;
  private readonly holder: Principal;
  private readonly verdicts = new WeakMap<RegisteredTool, string | null>();

  constructor(scopes: readonly string[]) {
    this.key = keyOf(scopes);
    this.holder = { id: '', tenant: '', scopes };
  }

  /** The scope that is missing to use the tool, null when none is. */
  missingScope(tool: RegisteredTool): string | null {
    let verdict = this.verdicts.get(tool);
    if (verdict === undefined) this.verdicts.set(tool, (verdict = this.judge(tool)));
    return verdict;
  }

  private judge(tool: RegisteredTool): string | null {
    const { scopes } = this.holder;
    const isNamed = scopes.some(
      (scope) =>
        scope === EXECUTE || scope === 'admin' || (scope.startsWith(NARROWED) && matchesGlob(scope.slice(NARROWED.length), tool.name)),
    );
    if (!isNamed) return scopes.some((scope) => scope.startsWith(NARROWED)) ? NARROWED + tool.name : EXECUTE;
    return tool.scopes.find((scope) => !holdsScope(this.holder, scope)) ?? null;
  }
}

/** More distinct sets than this at once are not kept apart for long. */
const KEPT_SETS = 1024;

/** Gives a principal its access; those with the same scopes share one. */
export class ToolAccessCache {
  private readonly byPrincipal = new WeakMap<Principal, ToolAccess>();
  private readonly bySet = new Map<string, ToolAccess>();

  of(principal: Principal): ToolAccess {
    let access = this.byPrincipal.get(principal);
    if (access === undefined) this.byPrincipal.set(principal, (access = this.shared(principal.scopes)));
    return access;
  }

  private shared(scopes: readonly string[]): ToolAccess {
    const key = keyOf(scopes);
    let access = this.bySet.get(key);
    if (access === undefined) {
      if (this.bySet.size >= KEPT_SETS) this.bySet.clear();
      this.bySet.set(key, (access = new ToolAccess([...new Set(scopes)])));
    }
    return access;
  }
}

const keyOf = (scopes: readonly string[]): string => [...new Set(scopes)].sort().join(' ');
