// Ranks tools by how well their names and descriptions fit a query. Not full-text search in the database: tools live in memory,
// and the terms of each are taken once, so that a query over 1,000 tools is a scan of well under a millisecond.
import type { RegisteredTool } from './tool-source.js';

export interface RankedTool {
  readonly tool: RegisteredTool;
  /** An integer above 0; more is better. */
  readonly score: number;
}

interface Terms {
  readonly inName: ReadonlySet<string>;
  readonly inDescription: ReadonlySet<string>;
}

/** Words of a query beyond these do not count. */
const MAX_QUERY_TERMS = 8;
/** Words of a description beyond these are not found. */
const MAX_DESCRIPTION_TERMS = 200;

const NAME_EXACT = 8;
const NAME_PREFIX = 5;
const DESCRIPTION_EXACT = 3;
const DESCRIPTION_PREFIX = 1;
const WHOLE_NAME = 50;
const PART_OF_NAME = 5;

const kept = new WeakMap<RegisteredTool, Terms>();

/** Tools that hold at least one word of the query, or words that begin with it; best first, then by name. */
export function rankTools(tools: readonly RegisteredTool[], query: string): RankedTool[] {
  const wanted = [...new Set(words(query))].slice(0, MAX_QUERY_TERMS);
  const whole = query.trim().toLowerCase();
  const weights = tools.map((tool) => wanted.map((term) => weightOf(termsOf(tool), term)));
  const rarity = wanted.map((_, i) => Math.log(1 + tools.length / (1 + weights.filter((weight) => weight[i] !== 0).length)));
  return tools
    .map((tool, t) => {
      const fit = wanted.reduce((sum, _, i) => sum + (weights[t]?.[i] ?? 0) * (rarity[i] ?? 0), 0);
      return { tool, score: Math.round(1000 * (fit + nameBonus(tool.name.toLowerCase(), whole))) };
    })
    .filter((ranked) => ranked.score > 0)
    .sort(compareRanks);
}

/** Best first; among equals by name, so that the order is total and a page can begin anywhere in it. */
export function compareRanks(a: { score: number; tool: { name: string } }, b: { score: number; tool: { name: string } }): number {
  return b.score - a.score || (a.tool.name < b.tool.name ? -1 : a.tool.name > b.tool.name ? 1 : 0);
}

function nameBonus(name: string, whole: string): number {
  if (whole === '') return 0;
  if (name === whole) return WHOLE_NAME;
  return name.includes(whole) ? PART_OF_NAME : 0;
}

function weightOf(terms: Terms, term: string): number {
  if (terms.inName.has(term)) return NAME_EXACT;
  if (hasPrefix(terms.inName, term)) return NAME_PREFIX;
  if (terms.inDescription.has(term)) return DESCRIPTION_EXACT;
  return hasPrefix(terms.inDescription, term) ? DESCRIPTION_PREFIX : 0;
}

function hasPrefix(terms: ReadonlySet<string>, prefix: string): boolean {
  for (const term of terms) if (term.startsWith(prefix)) return true;
  return false;
}

function termsOf(tool: RegisteredTool): Terms {
  let terms = kept.get(tool);
  if (terms === undefined) {
    const inDescription = new Set(words(`${tool.annotations?.title ?? ''} ${tool.description}`).slice(0, MAX_DESCRIPTION_TERMS));
    kept.set(tool, (terms = { inName: new Set(words(tool.name)), inDescription }));
  }
  return terms;
}

/** Lower-case runs of letters and digits; `readFile` is itself, and `read` and `file`. */
function words(text: string): string[] {
  const apart = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return apart === text ? runs(text) : [...runs(apart), ...runs(text)];
}

const runs = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
