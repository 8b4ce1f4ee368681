/** A codec of arrays. */
import { MAX_DEPTH } from '../limits.js';
import type { Codec } from './field.js';

/** An array whose every element is read and written by `element`. */
export function listOf<T>(element: Codec<T>): Codec<readonly T[]> {
  return {
    read(reader, room = MAX_DEPTH) {
      const count = reader.readArrayHeader();
      if (count < 0) return reader.readValue(room) as T[] | undefined;
      if (room <= 0) return reader.fail(`nesting is deeper than ${MAX_DEPTH}`);
      const list: T[] = [];
      for (let i = 0; i < count; i++) {
        const value = element.read(reader, room - 1);
        if (reader.fault !== undefined) return undefined;
        list.push(value as T);
      }
      return list;
    },
    write(writer, list, room = MAX_DEPTH) {
      if (!Array.isArray(list)) return writer.writeValue(list, room);
      if (room <= 0) throw new RangeError(`nesting is deeper than ${MAX_DEPTH}`);
      writer.writeArrayHeader(list.length);
      const elements = list as readonly T[];
      for (let i = 0; i < elements.length; i++) element.write(writer, elements[i] as T, room - 1);
    },
  };
}
