// `context.update` of many writers, answered when it is on disk, against SQLite with one transaction for each change.
import { median, rowOf, type RowMaker } from '../bench-row.js';
import { Load } from '../load/load-client.js';
import { checked, inTurn, ratios, using } from '../rounds.js';
import { ADMIN_KEY, MeasuredProcess } from '../servers/measured-process.js';
import { SqliteTransactions } from '../servers/sqlite-transactions.js';

const WRITERS = 100;
const CONTENT = 'The deployment of the billing service has ended; all checks are green.';

export const durableUpdates: RowMaker = async ({ rounds, seconds, warmUpSeconds }) =>
  using(async (own) => {
    const ours = await own(MeasuredProcess.ours());
    const sqlite = await own(SqliteTransactions.start());
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
    return [
      rowOf(`context.update on disk, ${WRITERS} writers, over SQLite with one transaction each`, ratios(rates.ours, rates.sqlite), detail, {
        atLeast: 4,
      }),
    ];
  });
