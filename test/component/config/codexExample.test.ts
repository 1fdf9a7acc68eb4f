import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const server = z.object({ name: z.string(), transport: z.object({ type: z.string(), command: z.string(), args: z.array(z.string()) }), startup_timeout_sec: z.number(), tool_timeout_sec: z.number() });

describe('.codex/config.toml.example', () => {
  it('CONF-7 codex loads it and finds the session tools', async () => {
    const home = await mkdtemp(join(tmpdir(), 'ck-'));
    try {
      await copyFile(fileURLToPath(new URL('../../../.codex/config.toml.example', import.meta.url)), join(home, 'config.toml'));
      const codex = fileURLToPath(new URL('../../../node_modules/.bin/codex', import.meta.url));
      const { stdout } = await promisify(execFile)(codex, ['mcp', 'list', '--json'], { env: { ...process.env, CODEX_HOME: home, HOME: home } });
      const [cockpit] = z.array(server).parse(JSON.parse(stdout));
      assert.deepEqual(cockpit, {
        name: 'cockpit',
        transport: { type: 'stdio', command: 'cockpit', args: ['mcp', '--session', 'ai/cockpit-main'] },
        startup_timeout_sec: 20,
        tool_timeout_sec: 900,
      });
    } finally {
      await rm(home, { recursive: true });
    }
  });
});
