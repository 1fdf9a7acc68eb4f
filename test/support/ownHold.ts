import { Session } from 'node:inspector/promises';

const sampleMs = 0.5;

/**
 * Profiles this thread until `stop`, which tells the longest time in ms for which code of files whose path matches held its event loop. Other code of the
 * thread, and a machine that gives it no time, do not count: samples are taken while it runs.
 */
export async function watchOwnHold(path: RegExp): Promise<{ stop(): Promise<number> }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: sampleMs * 1000 });
  await session.post('Profiler.start');
  return {
    async stop() {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      const own = new Set<number>();
      const byId = new Map(profile.nodes.map((node) => [node.id, node]));
      const mark = (id: number, above: boolean): void => {
        const node = byId.get(id);
        if (!node) return;
        const isOwn = above || path.test(node.callFrame.url);
        if (isOwn) own.add(id);
        for (const child of node.children ?? []) mark(child, isOwn);
      };
      const root = profile.nodes[0];
      if (root) mark(root.id, false);
      let longest = 0;
      let run = 0;
      for (const id of profile.samples ?? []) {
        const collects = byId.get(id)?.callFrame.functionName === '(garbage collector)';
        run = own.has(id) || (collects && run > 0) ? run + 1 : 0;
        longest = Math.max(longest, run);
      }
      return longest * sampleMs;
    },
  };
}
