// Through where live delivery has got in the log of all tenants. Those who catch up read up to here and then are live:
// nothing lies between, and nothing comes twice.
import { Injectable } from '@nestjs/common';

@Injectable()
export class LiveHead {
  /** The last event whose delivery has begun. */
  seq = 0;
  /** The last event that is known to be committed: `seq`, or further on while events wait for delivery. */
  committedSeq = 0;
}
