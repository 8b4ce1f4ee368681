// MCP's content blocks as JSON Schema: those of `ContentBlock`. Blocks come from tools as they are, and may have members of their own.

const string = { type: 'string' } as const;
/** Bytes in binary frames. */
const bytes = { type: 'string', contentEncoding: 'base64' } as const;

const block = (types: readonly string[], members: Readonly<Record<string, object>>, required: readonly string[]): object => ({
  type: 'object',
  properties: { type: { enum: types }, ...members },
  required: ['type', ...required],
});

export const CONTENT_BLOCK = {
  oneOf: [
    block(['text'], { text: string }, ['text']),
    block(['image', 'audio'], { data: bytes, mimeType: string }, ['data', 'mimeType']),
    block(
      ['resource'],
      {
        resource: { type: 'object', properties: { uri: string, mimeType: string, text: string, blob: bytes }, required: ['uri'] },
      },
      ['resource'],
    ),
    block(['resource_link'], { uri: string, name: string, description: string, mimeType: string }, ['uri', 'name']),
  ],
};
