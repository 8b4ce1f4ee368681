// "Did you mean": the known names that a mistyped or misplaced one may stand for.

const MOST_SHOWN = 3;

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, (previous[j - 1] as number) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] as number) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] as number;
}

/** A sentence for a message, with a space before it, or nothing. `last` picks the part of a name that counts when it stands elsewhere. */
export function didYouMean(unknown: string, known: readonly string[], last: (name: string) => string): string {
  const mostEdits = Math.min(3, Math.floor(last(unknown).length / 3));
  const close = (a: string, b: string): boolean => editDistance(a.toLowerCase(), b.toLowerCase()) <= mostEdits;
  const typo = known.filter((name) => close(unknown, name));
  const elsewhere = known.filter((name) => last(name) === last(unknown) || name.endsWith(last(unknown)));
  const misplaced = known.filter((name) => close(last(unknown), last(name)));
  const [first] = [typo, elsewhere, misplaced].filter((names) => names.length > 0);
  return first ? `; did you mean ${first.slice(0, MOST_SHOWN).join(' or ')}?` : '';
}
