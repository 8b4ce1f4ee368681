// Values by event patterns: a name finds its values in as many steps as it has parts, however many patterns there are.

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  /** Values of the patterns that end here. */
  readonly values: Set<T>;
}

/** `*` and `**` are children like any part: no name has a part that is spelled so. */
export class PatternTrie<T> {
  private readonly root: Node<T> = newNode();
  private nodes = 0;

  get isEmpty(): boolean {
    return this.root.children.size === 0;
  }

  /** Parts of all patterns, those that begin alike counted once. */
  get size(): number {
    return this.nodes;
  }

  /** @param pattern well-formed (event-name.ts) */
  add(pattern: string, value: T): void {
    let node = this.root;
    for (const part of pattern.split('.')) {
      let child = node.children.get(part);
      if (child === undefined) {
        node.children.set(part, (child = newNode()));
        this.nodes++;
      }
      node = child;
    }
    node.values.add(value);
  }

  remove(pattern: string, value: T): void {
    this.removeFrom(this.root, pattern.split('.'), 0, value);
  }

  /** The values of all patterns that the name fits, each once. */
  match(name: string): T[] {
    const found = new Set<T>();
    collect(this.root, name.split('.'), 0, found);
    return [...found];
  }

  /** Removes on the way back what holds nothing any more. */
  private removeFrom(node: Node<T>, parts: readonly string[], depth: number, value: T): void {
    const part = parts[depth];
    if (part === undefined) {
      node.values.delete(value);
      return;
    }
    const child = node.children.get(part);
    if (child === undefined) return;
    this.removeFrom(child, parts, depth + 1, value);
    if (child.values.size > 0 || child.children.size > 0) return;
    node.children.delete(part);
    this.nodes--;
  }
}

function newNode<T>(): Node<T> {
  return { children: new Map(), values: new Set() };
}

function collect<T>(node: Node<T>, parts: readonly string[], depth: number, found: Set<T>): void {
  if (depth === parts.length) {
    for (const value of node.values) found.add(value);
    return;
  }
  for (const value of node.children.get('**')?.values ?? []) found.add(value);
  for (const child of [node.children.get(parts[depth] as string), node.children.get('*')]) {
    if (child !== undefined) collect(child, parts, depth + 1, found);
  }
}
