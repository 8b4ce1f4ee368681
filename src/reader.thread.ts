// The entry of the reader threads: part of the composition root, for it knows every feature.
import { contextReads } from './context/context-reads.js';
import { runReaderThread } from './storage/reader-thread.js';

runReaderThread(contextReads);
