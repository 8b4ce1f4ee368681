// Which members and items of a value some part of a schema has looked at: for `unevaluatedProperties` and
// `unevaluatedItems`, and only gathered in schemas that have them.

export class Evaluated {
  readonly names = new Set<string>();
  readonly indexes = new Set<number>();

  /** Takes over what a part of the schema looked at, once that part has accepted the value. */
  add(other: Evaluated): void {
    for (const name of other.names) this.names.add(name);
    for (const index of other.indexes) this.indexes.add(index);
  }
}
