/** What people mean by a word, near to what the index means by it: letters and digits, with their marks. */
export const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
