// The entry of the writer thread: part of the composition root, for it knows every feature.
import { runWriterThread } from './storage/writer-thread.js';
import { writeCatalog } from './write-catalog.js';

runWriterThread(writeCatalog);
