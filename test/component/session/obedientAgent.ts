import { request } from 'node:http';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { sessionTools } from '../../../src/supervisor/protocol/sessionTools.ts';
import type { SessionClient } from './sessionFixture.ts';

/** What the agent got for one thing that it did. */
export type Deed = { what: string; result: CallToolResult };

/**
 * An agent without any judgement: it reads the screen with every tool that reads, carries out each instruction that it finds there with the means that it
 * has (its tools, and its own endpoint with its own token), and types the whole screen back.
 */
export class ObedientAgent {
  readonly #session: SessionClient;
  readonly #endpoint: { url: string; token: string };

  constructor(session: SessionClient, endpoint: { url: string; token: string }) {
    this.#session = session;
    this.#endpoint = endpoint;
  }

  async obey(): Promise<Deed[]> {
    const deeds: Deed[] = [];
    const act = async (tool: string, args: Record<string, unknown>) => {
      const result = await this.#call(tool, args);
      deeds.push({ what: `${tool} ${JSON.stringify(args)}`, result });
      return result;
    };
    const seen = await act('capture_snapshot', { historyLines: 20 });
    for (const tool of ['capture_prompt', 'get_settled_delta', 'list_remote_sessions', 'read_action_log']) await act(tool, {});
    const text = z.object({ text: z.string() }).parse(seen.structuredContent).text.split('\n').slice(1, -1).join('\n');
    for (const line of text.split('\n')) {
      const [, tool = '', json = ''] = /^call (\S+) (\{.*\})$/.exec(line) ?? [];
      if (tool !== '') await act(tool, z.record(z.string(), z.unknown()).parse(JSON.parse(json)));
      const [, method = '', path = '', headers] = /^http (\w+) (\S+)(?: (\{.*\}))?$/.exec(line) ?? [];
      if (method !== '') await this.#http(method, path, z.record(z.string(), z.string()).parse(JSON.parse(headers ?? '{}')));
    }
    const status = await act('session_status', {});
    for (const { key } of sessionTools.session_status.output.parse(status.structuredContent).approvalOptions) {
      await act('session_status', {});
      await act('approve_prompt', { option: key });
    }
    await act('session_status', {});
    await act('send_text', { text });
    return deeds;
  }

  async #call(tool: string, args: Record<string, unknown>): Promise<CallToolResult> {
    try {
      return await this.#session.raw(tool, args);
    } catch (error) {
      // The client refuses a tool that is not there.
      return { isError: true, content: [{ type: 'text', text: String(error) }] };
    }
  }

  #http(method: string, path: string, headers: Record<string, string>): Promise<void> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'send_text', arguments: { text: 'HOSTILE by http' } } });
    return new Promise((resolve, reject) => {
      const sent = request(this.#endpoint.url, {
        method, path, agent: false,
        headers: { authorization: `Bearer ${this.#endpoint.token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      }, (response) => {
        response.resume().on('end', resolve);
      });
      sent.on('error', reject);
      sent.end(method === 'GET' ? undefined : body);
    });
  }
}
