// From a schema that someone sent to a check: each keyword becomes a function, once. No code is generated from what was sent.
import { Failure } from '../../extension/failure.js';
import { pointerPart } from '../param-errors.js';
import { PatternSet } from '../pattern/pattern-set.js';
import { ARRAY_KEYWORDS, unevaluatedItems } from './array-keywords.js';
import type { Check, Keyword, Place } from './check.js';
import { Evaluated } from './evaluated.js';
import { isRecord } from './keyword-arguments.js';
import { LOGIC_KEYWORDS } from './logic-keywords.js';
import { OBJECT_KEYWORDS, unevaluatedProperties } from './object-keywords.js';
import { SchemaIndex, type Located } from './schema-index.js';
import { VALUE_KEYWORDS } from './value-keywords.js';

/** In the order in which they are asked: cheap ones first, those that need the others' findings last. */
const KEYWORDS = Object.entries({ ...VALUE_KEYWORDS, ...OBJECT_KEYWORDS, ...ARRAY_KEYWORDS, ...LOGIC_KEYWORDS });
const LAST_KEYWORDS = Object.entries({ unevaluatedItems, unevaluatedProperties });
const DIALECT = /^https?:\/\/json-schema\.org\/(draft-0[67]|draft\/(2019-09|2020-12))\/schema#?$/;
const OLDER_DIALECT = /draft-0[67]/;

// Even these cost a step: a schema may hold ten thousand of them.
const acceptsAll: Check = (_, run) => {
  run.spend(1);
  return true;
};
const acceptsNone: Check = (_, run) => {
  run.spend(1);
  return run.fail('is not allowed');
};

export class SchemaCompiler {
  private readonly index: SchemaIndex;
  private readonly checks = new Map<unknown, Check>();
  private readonly patterns = new PatternSet();
  private readonly waiting: (() => void)[] = [];
  /** Before 2019-09 the neighbours of a `$ref` mean nothing. */
  private readonly refStandsAlone: boolean;

  constructor(private readonly root: Readonly<Record<string, unknown>>) {
    const dialect = root['$schema'];
    if (dialect !== undefined && !(typeof dialect === 'string' && DIALECT.test(dialect))) {
      refuse('/$schema', 'names a dialect that is not known here; known are draft-06, draft-07, 2019-09 and 2020-12');
    }
    this.refStandsAlone = typeof dialect === 'string' && OLDER_DIALECT.test(dialect);
    this.index = new SchemaIndex(root, this.refStandsAlone);
  }

  /** @throws Failure `invalid_params` with a pointer into the schema */
  compile(): Check {
    const root = this.checkOf({ schema: this.root, base: this.index.base }, '');
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) next();
    return root;
  }

  /** The check of what a reference names. Compiled later: a chain of references may be longer than the stack is deep. */
  private referenced(located: Located, pointer: string): Check {
    if (!isRecord(located.schema) || this.checks.has(located.schema)) return this.checkOf(located, pointer);
    let check: Check | undefined;
    this.waiting.push(() => (check = this.checkOf(located, pointer)));
    return (value, run, seen) => (check as Check)(value, run, seen);
  }

  /** A schema that is being compiled, or was, is not compiled again: a reference may lead to it from inside itself. */
  private checkOf({ schema, base }: Located, pointer: string): Check {
    if (schema === true) return acceptsAll;
    if (schema === false) return acceptsNone;
    if (!isRecord(schema)) return refuse(pointer, 'must be a schema: an object, true or false');
    const known = this.checks.get(schema);
    if (known) return known;
    this.checks.set(schema, (value, run, seen) => compiled(value, run, seen));
    const compiled = this.compileObject(schema, base, pointer);
    this.checks.set(schema, compiled);
    return compiled;
  }

  private compileObject(schema: Readonly<Record<string, unknown>>, base: string, pointer: string): Check {
    const place = this.place(base, pointer);
    const isAlone = this.refStandsAlone && Object.hasOwn(schema, '$ref');
    const compiled = (keywords: readonly [string, Keyword][]): Check[] =>
      keywords
        .filter(([name]) => Object.hasOwn(schema, name) && (!isAlone || name === '$ref'))
        .map(([name, keyword]) => keyword(schema[name], place, schema))
        .filter((check) => check !== undefined);
    const last = compiled(LAST_KEYWORDS);
    return inOrder([...compiled(KEYWORDS), ...last], last.length > 0);
  }

  private place(base: string, pointer: string): Place {
    const below = (parts: readonly (string | number)[]): string => pointer + parts.map(pointerPart).join('');
    return {
      pointer,
      compile: (schema, ...parts) => this.checkOf({ schema, base: this.index.baseOf(schema, base) }, below(parts)),
      pattern: (source) => this.patterns.of(source),
      refuse: (message, ...parts) => refuse(below(parts), message),
      resolve: (reference, keyword) => {
        const found = this.index.find(reference, base);
        if (this.index.isDynamic(reference, keyword))
          return refuse(below([keyword]), 'has several meanings, depending on where it is used');
        if (found === undefined) return refuse(below([keyword]), 'refers to something that is not in this schema; nothing else is read');
        return this.referenced(found, below([keyword]));
      },
    };
  }
}

/** All of them, until one fails; or all, where all errors are wanted. */
function inOrder(checks: readonly Check[], tracks: boolean): Check {
  return (value, run, seen) => {
    run.enter();
    const own = seen ?? (tracks ? new Evaluated() : undefined);
    let isFine = true;
    for (let i = 0; i < checks.length; i++) {
      if (!(checks[i] as Check)(value, run, own)) isFine = false;
      if (!isFine && !run.collects) break;
    }
    run.leave();
    return isFine;
  };
}

function refuse(path: string, message: string): never {
  throw Failure.invalidParams([{ path, message }]);
}
