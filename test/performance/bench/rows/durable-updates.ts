// `context.update` of many writers, answered when it is on disk, against SQLite with one transaction for each change: on this machine's
// disk, and on one whose flushes take as long as those of many disks do.
import { median, notMeasured, rowOf, type Row, type RowMaker, type RowOptions } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import { checked, inTurn, ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';
import { canSlowFlushes, NODE, nodeWithSlowFlushes, type Launcher } from '../servers/slow-flush.js';
import { SqliteTransactions } from '../servers/sqlite-transactions.js';

const WRITERS = 100;
const CONTENT = 'The deployment of the billing service has ended; all checks are green.';

const FLUSH_MS = 1;
const TARGET = { atLeast: 4 };

export const durableUpdates: RowMaker = async (options) => {
  const name = `context.update on disk, ${WRITERS} writers, over SQLite with one transaction each`;
  const onThisDisk = await measured(name, NODE, options);
  if (options.isShort) return [onThisDisk];
  const slowName = `${name}, where a flush takes ${FLUSH_MS} ms more`;
  return [
    onThisDisk,
    canSlowFlushes ? await measured(slowName, nodeWithSlowFlushes(FLUSH_MS), options) : notMeasured(slowName, 'strace is not installed'),
  ];
};

const measured = async (name: string, launcher: Launcher, { rounds, seconds, warmUpSeconds }: RowOptions): Promise<Row> =>
  using(async (own) => {
    const [ours, sqlite] = await Promise.all([own(MeasuredProcess.ours({ launcher })), own(SqliteTransactions.start(launcher))]);
    await ours.usage();
    const load = await own(
      Load.open({ kind: 'writers', url: ours.url, key: ADMIN_KEY, writers: WRITERS, encoding: 'json', content: CONTENT }),
    );
    const variants = {
      sqlite: async () => sqlite.run(seconds, CONTENT),
      ours: async () => {
        const { done, seconds: took } = checked(await load.run(seconds));
        return done / took;
      },
    };
    const rates = await inTurn(rounds, variants, warmUpSeconds);
    const detail = `${median(rates.ours).toFixed(0)} against ${median(rates.sqlite).toFixed(0)} a second`;
    return rowOf(name, ratios(rates.ours, rates.sqlite), detail, TARGET);
  });
