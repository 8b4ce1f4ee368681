// Where the words of a search are in a text, in time that rises with the text's length and nothing else. Near to what the index
// means by a word, and no more: it decides what is shown and in which order, not what is found.

/** Occurrences that are looked at: what matters is in the first ones. */
const MAX_HITS = 100;
/** Words that stand so near to one another, in characters, are shown together. */
const NEAR = 160;
/** BM25's constants: how soon more of a word counts no more, and how much a long text's occurrences count less. */
const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;
const USUAL_LENGTH = 500;
/** For a word that is in the text, but further on or in another form. */
const UNSEEN = 0.5;

interface Hit {
  readonly stem: string;
  readonly at: number;
}

export class WordFinder {
  private readonly stems: readonly string[];
  private readonly anyStem: RegExp;

  /** @param stems as the index has them. The index ends words that end in -y in -i, and some in an -e of its own. */
  constructor(stems: readonly string[]) {
    this.stems = [...new Set(stems.map((stem) => fold(stem).replace(/(?<=..)[ei]$/, '')))].sort((a, b) => b.length - a.length);
    this.anyStem = new RegExp(this.stems.map((stem) => stem.replaceAll(/[^\p{L}\p{N}]/gu, '\\$&')).join('|') || '(?!)', 'g');
  }

  /** More than 0; higher where the words occur more often, and the text is shorter. */
  rank(text: string): number {
    const counts = new Map<string, number>();
    for (const { stem } of this.hits(text)) counts.set(stem, (counts.get(stem) ?? 0) + 1);
    const room = SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * text.length) / USUAL_LENGTH);
    return this.stems.reduce((sum, stem) => {
      const count = counts.get(stem) ?? UNSEEN;
      return sum + count / (count + room);
    }, Number.MIN_VALUE);
  }

  /** Where most of the words stand near one another, of the first occurrences; 0 where there is none. */
  bestPlace(text: string): number {
    const hits = this.hits(text);
    let best = 0;
    let most = 0;
    hits.forEach(({ at }, i) => {
      const near = new Set<string>();
      for (let j = i; j < hits.length && (hits[j] as Hit).at < at + NEAR; j++) near.add((hits[j] as Hit).stem);
      if (near.size <= most) return;
      most = near.size;
      best = at;
    });
    return best;
  }

  private hits(text: string): Hit[] {
    const plain = fold(text);
    const hits: Hit[] = [];
    for (const { 0: stem, index } of plain.matchAll(this.anyStem)) {
      if (isInWord(plain, index)) continue;
      hits.push({ stem, at: index });
      if (hits.length === MAX_HITS) break;
    }
    return hits;
  }
}

/** Whether what begins here goes on a word that began before. */
function isInWord(text: string, at: number): boolean {
  return at > 0 && /[\p{L}\p{N}\p{M}]/u.test(text.charAt(at - 1));
}

/** Without case and accents, each character in its place. */
function fold(text: string): string {
  return text.replaceAll(/[A-Z]+|[\u0080-\uffff]+/g, (part) => (part < '\u0080' ? part.toLowerCase() : foldBeyondAscii(part)));
}

/** By UTF-16 units: no more than there are of them. Each takes 0.3 µs to find out, which a text of nothing else would have us pay. */
const folded = new Map<number, number>();

function foldBeyondAscii(part: string): string {
  const units = new Uint16Array(part.length);
  for (let i = 0; i < part.length; i++) {
    const unit = part.charCodeAt(i);
    let plain = folded.get(unit);
    if (plain === undefined) folded.set(unit, (plain = foldUnit(String.fromCharCode(unit)).charCodeAt(0)));
    units[i] = plain;
  }
  return Buffer.from(units.buffer).toString('utf16le');
}

function foldUnit(character: string): string {
  const [base, accent] = character.normalize('NFD');
  return (base !== undefined && accent !== undefined && /\p{M}/u.test(accent) ? base : character).toLowerCase();
}
