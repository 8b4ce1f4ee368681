// The end of the log of all tenants, as far as this server knows. Those who catch up read up to here and then are live.
import { Injectable } from '@nestjs/common';

@Injectable()
export class LogEnd {
  /** The last event that is committed; its delivery to those who are live may still be under way. */
  seq = 0;
}
