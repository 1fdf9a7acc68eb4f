import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { someIntent, storeFixture } from '../../test/support/storeFixture.ts';
import { interleave } from '../measure/interleave.ts';
import type { Row } from '../row.ts';

/** The audit row that is on the disk before an agent's bytes leave. */
export const auditRow: Row = {
  name: 'audit',
  about: 'audit row durable before a write leaves',
  isQuick: false,
  async run({ rounds }) {
    const fixture = await storeFixture();
    const store = fixture.open();
    const fd = openSync(join(fixture.paths.dataDir, 'floor'), 'a');
    const bytes = Buffer.alloc(250, 'x');
    // A stock, because the order of the methods turns.
    const ids = Array.from({ length: 31 }, () => store.beginAction(someIntent()));
    try {
      const samples = await interleave(Math.ceil(12 * rounds), {
        begin: { perRound: 30, run: async () => { ids.push(store.beginAction(someIntent())); } },
        end: {
          perRound: 30,
          run: async () => {
            store.endAction(ids.shift() ?? '', 'accepted', null);
          },
        },
        floor: {
          perRound: 30,
          run: async () => {
            writeSync(fd, bytes);
            fdatasyncSync(fd);
          },
        },
      });
      return [
        {
          title: 'Audit',
          unit: 'ms',
          note: 'The temporary folder of the machine decides: figures of a real disk need TMPDIR on it.',
          series: [
            { role: 'ours', name: 'beginAction: row on the disk', samples: samples.begin },
            { role: 'ours', name: 'endAction: outcome on the disk', samples: samples.end },
            { role: 'floor', name: 'append 250 bytes and fdatasync', samples: samples.floor },
          ],
        },
      ];
    } finally {
      closeSync(fd);
      await fixture.dispose();
    }
  },
};
