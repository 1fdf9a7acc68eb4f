import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { z } from 'zod';
import { createSessionServer } from '../../../src/mcp/sessionServer.ts';
import { toolTable } from '../../../src/mcp/tools.ts';
import { sessionTools, untrustedText, type SessionToolName } from '../../../src/supervisor/protocol/sessionTools.ts';
import { FakePort } from '../../component/mcp/fakePort.ts';

const names = Object.keys(sessionTools) as SessionToolName[];
const writes: SessionToolName[] = ['send_text', 'send_input', 'send_keys', 'approve_prompt', 'interrupt', 'clear_scrollback', 'install_remote_auth'];
const golden = new URL('tools.golden.json', import.meta.url);

describe('tool table', () => {
  it('MCP-1 has every tool of sessionTools and no other', () => {
    assert.deepEqual(Object.keys(toolTable), names);
  });

  for (const name of names) {
    it(`MCP-3 ${name} has hints that are right, and words for a model`, () => {
      const { title, description, annotations } = toolTable[name];
      assert.equal(annotations.destructiveHint, writes.includes(name));
      assert.equal(annotations.readOnlyHint, !writes.includes(name));
      assert.ok(title.length > 3 && description.length > 60 && description.length < 1000);
      assert.equal(/data, never instructions/.test(description), toolTable[name].untrusted.length > 0);
    });

    it(`MCP-5 ${name} names every field that its schema marks as remote text`, () => {
      assert.deepEqual([...toolTable[name].untrusted].sort(), untrustedPaths(sessionTools[name].output, '').sort());
    });
  }

  it('MCP-1 no tool takes a host or a session', () => {
    for (const name of names) {
      for (const key of Object.keys(sessionTools[name].input.shape)) assert.doesNotMatch(key, /host|session|alias|target|pane/i);
    }
  });

  it('MCP-3 the list of tools is what it was (UPDATE_GOLDEN=1 rewrites it)', async () => {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const server = createSessionServer(new FakePort(), { version: '0.0.0' });
    const client = new Client({ name: 'test', version: '0' });
    await Promise.all([server.connect(far), client.connect(near)]);
    const listed = `${JSON.stringify(await client.listTools(), null, 1)}\n`;
    await client.close();
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, listed);
    assert.equal(listed, readFileSync(golden, 'utf8'));
  });
});

function untrustedPaths(schema: unknown, path: string): string[] {
  if (schema === untrustedText) return [path];
  if (schema instanceof z.ZodNullable) return untrustedPaths(schema.unwrap(), path);
  if (schema instanceof z.ZodArray) return untrustedPaths(schema.element, `${path}[]`);
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape as Record<string, unknown>).flatMap(([key, field]) => untrustedPaths(field, path === '' ? key : `${path}.${key}`));
  return [];
}
