// The reads of contexts that may take long, as programs of the reader thread.
import { searchItems } from './search-items.js';

export const contextReads = { 'context.search': searchItems };
