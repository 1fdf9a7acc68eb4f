import { PassThrough, Writable } from 'node:stream';
import type { Channel, ChannelExit, Shell } from '../../../src/supervisor/adapters/shell/shell.ts';

/** A link that holds what passes for some ms, keeps its order, and can be cut with whatever is under way. */
export type DelayedLink = {
  readonly shell: Pick<Shell, 'open'>;
  /** For what is sent and for what comes back from now on. */
  delay(outMs: number, backMs: number): void;
  /** Ends every open channel. What is on its way out still arrives if `delivers`; no answer comes back in any case. Resolves when the far ends are gone. */
  cut(delivers: boolean): Promise<void>;
};

/** Chunks under way in one direction. */
class Pipe {
  #queue: { atMs: number; deliver: () => void }[] = [];
  #timer: NodeJS.Timeout | null = null;
  delayMs = 0;

  push(deliver: () => void): void {
    const atMs = Math.max(performance.now() + this.delayMs, this.#queue.at(-1)?.atMs ?? 0);
    if (this.delayMs === 0 && this.#queue.length === 0) deliver();
    else this.#queue.push({ atMs, deliver });
    this.#wait();
  }

  /** Empties the queue, delivering what was in it if asked to. */
  end(delivers: boolean): void {
    clearTimeout(this.#timer ?? undefined);
    for (const { deliver } of this.#queue.splice(0)) if (delivers) deliver();
  }

  #wait(): void {
    const [first] = this.#queue;
    if (!first || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      while (this.#queue[0] && this.#queue[0].atMs <= performance.now()) this.#queue.shift()?.deliver();
      this.#wait();
    }, Math.max(0, first.atMs - performance.now()));
  }
}

/** Wraps a shell; its channels share the link's delay. */
export function delayedLink(shell: Pick<Shell, 'open'>): DelayedLink {
  const open = new Set<ReturnType<typeof wrap>>();
  const delays = { outMs: 0, backMs: 0 };
  return {
    shell: {
      async open(script, signal) {
        const inner = await shell.open(script, signal);
        const link = wrap(inner);
        open.add(link);
        void inner.exited.then(() => open.delete(link));
        Object.assign(link.out, { delayMs: delays.outMs });
        Object.assign(link.back, { delayMs: delays.backMs });
        return link.channel;
      },
    },
    delay(outMs, backMs) {
      Object.assign(delays, { outMs, backMs });
      for (const link of open) {
        link.out.delayMs = outMs;
        link.back.delayMs = backMs;
      }
    },
    async cut(delivers) {
      await Promise.all([...open].map((link) => link.cut(delivers)));
    },
  };
}

function wrap(inner: Channel): { channel: Channel; out: Pipe; back: Pipe; cut(delivers: boolean): Promise<unknown> } {
  const out = new Pipe();
  const back = new Pipe();
  const ended = Promise.withResolvers<ChannelExit>();
  const stdout = new PassThrough();
  let isCut = false;
  inner.stdout.on('data', (chunk: Buffer) => back.push(() => void stdout.write(chunk)));
  void inner.exited.then((exit) => back.push(() => { ended.resolve(exit); }));
  const stdin = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isCut) out.push(() => void inner.stdin.write(chunk));
      done();
    },
    final(done) {
      if (!isCut) out.push(() => void inner.stdin.end());
      done();
    },
  });
  return {
    out,
    back,
    cut(delivers) {
      isCut = true;
      out.end(delivers);
      back.end(false);
      inner.dispose();
      ended.resolve({ exitCode: null, stderr: 'the link was cut' });
      return inner.exited;
    },
    channel: { stdin, stdout, exited: ended.promise, dispose: () => { inner.dispose(); } },
  };
}
