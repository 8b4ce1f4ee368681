// Finds any of many secrets in a long text in one pass over it (Rabin and Karp), however many secrets there are. Not what is a
// secret: planted-secrets.ts.

/** A secret is looked for by its first characters; what is shorter is too short to be told from other text. */
export const SHORTEST_SECRET = 16;
const BASE = 0x01000193;
const BASE_OF_FIRST = power(SHORTEST_SECRET - 1);
const BUCKETS = 0x10000;
const EXCERPT_CHARACTERS = 60;

export interface Leak {
  readonly kind: string;
  /** The text around it, with all that is secret replaced by its kind. */
  readonly excerpt: string;
}

interface Secret {
  readonly kind: string;
  readonly text: string;
}

interface Found extends Secret {
  readonly at: number;
}

export class SecretFinder {
  private readonly known = new Set<string>();
  private readonly byHash = new Map<number, Secret[]>();
  /** Whether a hash is of any secret, by its low bits: nearly all are not, and are passed over without a look at the map. */
  private readonly isLikely = new Uint8Array(BUCKETS);

  get size(): number {
    return this.known.size;
  }

  /** @throws for a secret that is too short to be looked for */
  add(kind: string, text: string): void {
    if (text.length < SHORTEST_SECRET) throw new Error(`a secret of ${text.length} characters cannot be looked for: ${kind}`);
    if (this.known.has(text)) return;
    this.known.add(text);
    let hash = 0;
    for (let i = 0; i < SHORTEST_SECRET; i++) hash = (Math.imul(hash, BASE) + text.charCodeAt(i)) | 0;
    this.byHash.set(hash, [...(this.byHash.get(hash) ?? []), { kind, text }]);
    this.isLikely[hash & (BUCKETS - 1)] = 1;
  }

  /** Each kind once, with where it comes first. */
  find(text: string): Leak[] {
    const found = this.allIn(text);
    const first = new Map<string, Leak>();
    for (const [i, { kind, at, text: secret }] of found.entries()) {
      if (first.has(kind)) continue;
      const [before, after] = [found[i - 1], found[i + 1]];
      const begin = Math.max(at - EXCERPT_CHARACTERS, before === undefined ? 0 : before.at + before.text.length);
      const end = at + secret.length;
      const close = Math.min(end + EXCERPT_CHARACTERS, after?.at ?? text.length);
      first.set(kind, { kind, excerpt: `${text.slice(begin, at)}[${kind}]${text.slice(end, close)}` });
    }
    return [...first.values()];
  }

  /** In order; of those that overlap the first. */
  private allIn(text: string): Found[] {
    const found: Found[] = [];
    let hash = 0;
    let end = 0;
    for (let i = 0; i < text.length; i++) {
      if (i >= SHORTEST_SECRET) hash = (hash - Math.imul(text.charCodeAt(i - SHORTEST_SECRET), BASE_OF_FIRST)) | 0;
      hash = (Math.imul(hash, BASE) + text.charCodeAt(i)) | 0;
      if (this.isLikely[hash & (BUCKETS - 1)] === 0) continue;
      const at = i - SHORTEST_SECRET + 1;
      const secret = at < end ? undefined : this.byHash.get(hash)?.find((candidate) => text.startsWith(candidate.text, at));
      if (secret === undefined) continue;
      found.push({ ...secret, at });
      end = at + secret.text.length;
    }
    return found;
  }
}

function power(exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = Math.imul(result, BASE);
  return result;
}
