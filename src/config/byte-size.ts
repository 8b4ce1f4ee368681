// Sizes as people write them (`1MB`, `64KB`, `1048576`). KB is 1024 bytes, as KiB is; decimal kilobytes do not exist here.

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
  TIB: 1024 ** 4,
};
const SIZE = /^(\d{1,15}(?:\.\d{1,9})?) ?([A-Za-z]*)$/;

export const SIZE_FORM = 'a size such as 4096, 64KB or 1MB (KB is 1024 bytes)';

/** Bytes, whole; undefined where the text is no size. */
export function parseByteSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  const unit = (match[2] as string).toUpperCase();
  if (!Object.hasOwn(UNITS, unit)) return undefined;
  const bytes = Number(match[1]) * (UNITS[unit] as number);
  return Number.isInteger(bytes) ? bytes : undefined;
}
