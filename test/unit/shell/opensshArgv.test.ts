import assert from 'node:assert/strict';
import { channelArgv, linkOfLane, masterArgv, masterNamePattern, masterPath, viewerArgv } from '../../../src/supervisor/adapters/shell/opensshArgv.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import type { HostConfig } from '../../../src/supervisor/domain/config.ts';
import { basename } from 'node:path';

const host: HostConfig = { alias: 'a', sshTarget: '-oProxyCommand=x', transport: 'openssh', tmuxSocket: null, forwardAgent: true, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {} };
const context = { mastersDir: '/run/50%/m', sshAuthSock: '/run/auth', logger: nullLogger };

describe('argv of ssh', () => {
  it('DISC-1 the first connection serves lanes 0 to 4, each further one nine', () => {
    assert.deepEqual([0, 4, 5, 13, 14, 22, 23].map(linkOfLane), [0, 0, 1, 1, 2, 2, 3]);
  });

  it('DISC-8 only viewers and the masters under them may forward the agent', () => {
    const channel = channelArgv(host, context, '/s');
    assert.ok(channel.includes('ForwardAgent=no'));
    assert.ok(!channel.includes('ForwardAgent=yes'));
    assert.ok(viewerArgv(host, context, 'cmd', 0).includes('ForwardAgent=yes'));
    assert.ok(viewerArgv({ ...host, forwardAgent: false }, context, 'cmd', 9).includes('ForwardAgent=no'));
    assert.deepEqual(viewerArgv(host, context, 'cmd', 0).slice(0, 2), ['env', 'SSH_AUTH_SOCK=/run/auth']);
  });

  it('DISC-12 the background is BatchMode, a terminal is not', () => {
    assert.ok(channelArgv(host, context, '/s').includes('BatchMode=yes'));
    assert.ok(masterArgv(host, context, '/s', 'background').includes('BatchMode=yes'));
    assert.ok(!masterArgv(host, context, '/s', 'terminal').includes('BatchMode=yes'));
    for (const argv of [channelArgv(host, context, '/s'), masterArgv(host, context, '/s', 'background'), viewerArgv(host, context, 'cmd', 3)]) {
      assert.ok(!argv.some((word) => word.startsWith('StrictHostKeyChecking')));
    }
  });

  it('DISC-1 a target is never an option, and a percent sign in the folder is no token', () => {
    for (const argv of [channelArgv(host, context, '/s'), masterArgv(host, context, '/s', 'background'), viewerArgv(host, context, 'cmd', 3)]) {
      assert.equal(argv[argv.indexOf(host.sshTarget) - 1], '--');
    }
    const path = masterPath(host, context, 2, 'v');
    assert.match(basename(path), masterNamePattern);
    const argv = viewerArgv(host, context, 'cmd', 14);
    assert.equal(argv[argv.indexOf('-S') + 1], path.replace('50%', '50%%'));
  });
});
