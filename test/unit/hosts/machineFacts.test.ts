import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseMachine } from '../../../src/supervisor/hosts/machineFacts.ts';

describe('machine facts', () => {
  it('CONF-5 reads what the script prints', () => {
    const output = 'hostname gpu7\nos Debian GNU/Linux 12 (bookworm)\ncpus 64\nramkib 1000\ngpu NVIDIA A100-SXM4-40GB\ngpu NVIDIA A100-SXM4-40GB\n';
    assert.deepEqual(parseMachine(output), { hostname: 'gpu7', os: 'Debian GNU/Linux 12 (bookworm)', cpus: 64, ramBytes: 1_024_000, gpus: ['NVIDIA A100-SXM4-40GB', 'NVIDIA A100-SXM4-40GB'] });
    assert.equal(parseMachine('rambytes 8589934592').ramBytes, 8_589_934_592);
  });

  it('CONF-5 takes anything else without failing', () => {
    assert.deepEqual(parseMachine('cpus \nramkib x\nos\n'), { hostname: '', os: '', cpus: 0, ramBytes: 0, gpus: [] });
    fc.assert(fc.property(fc.string(), (text) => typeof parseMachine(text).cpus === 'number'));
  });
});
