// Sessions that outlive their connections. How one begins and is resumed on the wire: protocol/session.service.ts.
import { Module } from '@nestjs/common';

import { SessionStore } from './session-store.js';
import { SqlSessionStore } from './sql-session-store.js';

@Module({ providers: [SqlSessionStore, { provide: SessionStore, useExisting: SqlSessionStore }], exports: [SessionStore] })
export class SessionModule {}
