/** Arrays of texts: patterns, names, scopes. */
import { MAX_DEPTH } from '../limits.js';
import type { Codec } from './field.js';

/** What is no array of texts is read and written as it is. */
export const texts: Codec<readonly string[]> = {
  read: (reader, room = MAX_DEPTH) => reader.readValue(room) as string[] | undefined,
  write(writer, list, room = MAX_DEPTH) {
    if (!Array.isArray(list)) return writer.writeValue(list, room);
    const elements = list as readonly unknown[];
    writer.writeArrayHeader(elements.length);
    for (let i = 0; i < elements.length; i++) {
      const element = elements[i];
      if (typeof element === 'string') writer.writeString(element);
      else writer.writeValue(element, room - 1);
    }
  },
};
