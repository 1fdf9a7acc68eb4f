import { CockpitError, messageOf } from '../../base/errors.ts';
import type { Event } from '../../base/event.ts';
import type { Logger } from '../../base/logger.ts';
import { abortable } from './abortable.ts';
import type { Dialer, Link } from './link.ts';
import { LinkPool } from './linkPool.ts';
import type { RawProcess } from './rawProcess.ts';
import { ScriptChannel } from './scriptChannel.ts';
import { ConnectError, type Channel, type RunResult, type Shell } from './shell.ts';
import { startScript, type StartOutcome } from './startScript.ts';

/** A login shell with conda, nvm and pyenv takes seconds; a half-open link takes 9 s to be noticed. */
const startTimeoutMs = 20_000;
/** No script's answer is near this; what prints more would fill the memory. */
const maxRunBytes = 64 * 1024 * 1024;
/** How long a start that was aborted is still followed, to end what it started. */
const abandonMs = 10_000;

type Started = { channel: ScriptChannel; link: Link; ended: Promise<unknown> };
type RunOptions = { input?: Buffer; signal?: AbortSignal; timeoutMs?: number };

/** The one `Shell` of all transports; what differs is the `Dialer` that makes its connections. */
export class LinkedShell implements Shell {
  readonly onDidClose: Event<ConnectError>;
  readonly #dialer: Dialer;
  readonly #logger: Logger;
  readonly #pool: LinkPool;
  readonly #channels = new Set<ScriptChannel>();
  readonly #lifetime = new AbortController();

  constructor(dialer: Dialer, logger: Logger) {
    this.#dialer = dialer;
    this.#logger = logger;
    this.#pool = new LinkPool(dialer);
    this.onDidClose = this.#pool.onDidClose;
  }

  connect(signal?: AbortSignal): Promise<void> {
    return this.#pool.connectFirst(signal);
  }

  /** `signal` ends the start only; a channel that runs is ended by its `dispose`. */
  async open(script: string, signal?: AbortSignal): Promise<Channel> {
    return (await this.#start(script, false, signal)).channel;
  }

  /** Rejects with a CockpitError `script-timeout` after `timeoutMs`, and with the signal's reason when it is aborted; the remote process is hung up then, as with more than 64 MB of output (`too-much-output`). */
  async run(script: string, options: RunOptions = {}): Promise<RunResult> {
    const { input, signal, timeoutMs } = options;
    const limit = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signals = [signal, limit].filter((one) => one !== undefined);
    try {
      return await this.#runToEnd(script, input, AbortSignal.any(signals));
    } catch (error) {
      if (limit === undefined || error !== limit.reason) throw error;
      throw new CockpitError('script-timeout', `${this.#dialer.name}: a command did not end within ${timeoutMs ?? 0} ms`, { cause: error });
    }
  }

  attachArgv(remoteCommand: string, lane: number): string[] {
    return this.#dialer.attachArgv(remoteCommand, lane);
  }

  dispose(): void {
    this.#lifetime.abort(this.#pool.lost());
    for (const channel of this.#channels) channel.dispose();
    this.#pool.dispose();
  }

  async #runToEnd(script: string, input: Buffer | undefined, signal: AbortSignal): Promise<RunResult> {
    const { channel, link } = await this.#start(script, input === undefined, signal);
    try {
      if (input !== undefined) channel.stdin.end(input);
      const chunks: Buffer[] = [];
      let bytes = 0;
      const ended = new Promise<void>((resolve, reject) => {
        channel.stdout.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= maxRunBytes) chunks.push(chunk);
          else reject(new CockpitError('too-much-output', `${this.#dialer.name}: a command printed more than ${maxRunBytes} bytes`));
        });
        channel.stdout.once('close', resolve);
      });
      await abortable(ended, signal);
      const { exitCode, stderr } = await abortable(channel.exited, signal);
      if (exitCode === null && !(await link.isAlive())) throw this.#pool.lost();
      return { exitCode, stdout: Buffer.concat(chunks), stderr };
    } finally {
      channel.dispose();
    }
  }

  #start(script: string, endInput: boolean, signal?: AbortSignal): Promise<Started> {
    const timeout = AbortSignal.timeout(startTimeoutMs);
    const any = AbortSignal.any([timeout, this.#lifetime.signal, ...(signal ? [signal] : [])]);
    return this.#pool
      .startOnLink((link) => this.#startOn(link, script, endInput, any), any)
      .catch((error: unknown) => {
        if (error !== timeout.reason) throw error;
        throw new ConnectError('failed', `${this.#dialer.name}: sh did not start within ${startTimeoutMs / 1000} s; does its login shell hang?`, { cause: error });
      });
  }

  async #startOn(link: Link, script: string, endInput: boolean, signal: AbortSignal): Promise<Started> {
    signal.throwIfAborted();
    const raw = await this.#startSh(link, signal);
    const starting = startScript(raw, script, { prelude: this.#dialer.prelude, endInput });
    let outcome: StartOutcome;
    try {
      outcome = await abortable(starting, signal);
    } catch (error) {
      void this.#abandon(starting, raw, link);
      throw error;
    }
    switch (outcome.kind) {
      case 'started': {
        const channel = this.#channelOf(raw, outcome, link);
        return { channel, link, ended: channel.exited };
      }
      case 'ended':
        throw await link.explainEnd(await raw.exited, raw.stderr());
      case 'too-noisy':
        killRaw(raw);
        throw new ConnectError('failed', `${this.#dialer.name}: its login shell printed more than 1 MB before running a command; quiet its rc files for non-interactive use`);
    }
  }

  async #startSh(link: Link, signal: AbortSignal): Promise<RawProcess> {
    const starting = link.startSh();
    try {
      return await abortable(starting, signal);
    } catch (error) {
      if (signal.aborted) starting.then(killRaw, () => undefined); // its failure is no news to a caller who left
      throw error;
    }
  }

  /** A script whose caller has left may be running, or run soon: it is hung up as soon as its pid is known. */
  async #abandon(starting: Promise<StartOutcome>, raw: RawProcess, link: Link): Promise<void> {
    raw.stdin.end();
    const limit = AbortSignal.timeout(abandonMs);
    const outcome = await abortable(starting, limit).catch(() => null); // too late is as good as never
    if (outcome?.kind === 'started') this.#channelOf(raw, outcome, link).dispose();
    else killRaw(raw);
  }

  #channelOf(raw: RawProcess, { pid, stdout }: Extract<StartOutcome, { kind: 'started' }>, link: Link): ScriptChannel {
    const channel = new ScriptChannel(raw, stdout, () => this.#hangUp(link, pid));
    this.#channels.add(channel);
    void channel.exited.then(() => this.#channels.delete(channel));
    return channel;
  }

  async #hangUp(link: Link, pid: number): Promise<void> {
    try {
      await link.hangUp(pid);
    } catch (error) {
      this.#logger.debug('a channel was not hung up', { host: this.#dialer.name, error: messageOf(error) });
    }
  }
}

function killRaw(raw: RawProcess): void {
  raw.close();
  raw.kill();
}
