// From items as they came to items as they are stored: checked for what no schema says, metadata encoded, tokens counted.
import { Injectable } from '@nestjs/common';

import { Failure, type ParamError } from '../extension/failure.js';
import type { Content, ContextItemDto } from './context-members.js';
import type { NewItem } from './context-row.js';
import { encodeMetadata, MAX_ITEM_METADATA_BYTES } from './metadata.js';
import { type Counting, TokenCounter } from './token-counter.js';
import { isWellFormed, LONE_SURROGATE } from '../validation/well-formed.js';

/** Content and the member of the params that it came in, for errors. */
export interface GivenContent {
  readonly path: string;
  readonly content: Content | undefined;
}

type UncountedItem = Omit<NewItem, 'tokens'>;

@Injectable()
export class ItemEncoder {
  constructor(private readonly tokens: TokenCounter) {}

  /** @throws Failure invalid_params, with the path of the first thing that cannot be stored; context_too_large, unavailable */
  async encode(counting: Counting, ...given: readonly GivenContent[]): Promise<NewItem[]> {
    const items = given.flatMap(({ path, content }) => uncounted(content, path));
    if (items.length === 0) return [];
    const texts = items.map(({ content }) => content);
    const counted = this.tokens.count(texts, counting);
    const tokens = Array.isArray(counted) ? counted : await counted;
    return items.map((item, i) => ({ ...item, tokens: tokens[i] as number }));
  }
}

function uncounted(content: Content | undefined, path: string): UncountedItem[] {
  if (content === undefined) return [];
  if (typeof content !== 'string') return content.map((item, i) => uncountedItem(item, `${path}/${i}`));
  if (!isWellFormed(content)) throw invalid({ path, message: LONE_SURROGATE });
  return [{ role: 'user', content }];
}

function uncountedItem({ role, content, metadata }: ContextItemDto, path: string): UncountedItem {
  if (!isWellFormed(content)) throw invalid({ path: `${path}/content`, message: LONE_SURROGATE });
  if (metadata === undefined) return { role, content };
  const encoded = encodeMetadata(metadata, `${path}/metadata`, MAX_ITEM_METADATA_BYTES);
  if ('error' in encoded) throw invalid(encoded.error);
  return { role, content, metadata: encoded.json };
}

const invalid = (error: ParamError): Failure => Failure.invalidParams([error]);
