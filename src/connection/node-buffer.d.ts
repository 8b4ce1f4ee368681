// Writers that every Node Buffer has and @types/node leaves out: one encoding each, without looking its name up.
interface Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  utf8Write(text: string, offset: number, length: number): number;
}
