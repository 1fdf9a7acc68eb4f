import { HostLink, type HostLinkDeps } from '../../src/supervisor/hosts/hostLink.ts';
import type { Shell } from '../../src/supervisor/adapters/shell/shell.ts';
import { systemClock } from '../../src/supervisor/base/clock.ts';
import { nullLogger } from '../../src/supervisor/base/logger.ts';
import type { HostConfig } from '../../src/supervisor/domain/config.ts';
import type { HostFact } from '../../src/supervisor/domain/facts.ts';
import type { ObservedSession } from '../../src/supervisor/domain/remoteSession.ts';
import { until } from './until.ts';

/** A fact and when it came (monotonic ms). */
export type TimedFact = HostFact & { atMs: number };

/** A host link with everything that it told. */
export type ObservedLink = {
  link: HostLink;
  facts: TimedFact[];
  /** Managed sessions by the last listing that was told. */
  sessions(): ObservedSession[];
  names(): string[];
  /** The last fact of a kind. */
  last<K extends HostFact['kind']>(kind: K): (Extract<HostFact, { kind: K }> & { atMs: number }) | undefined;
  online(): Promise<void>;
};

/** Makes and starts a link; the caller disposes it, and then the shell. */
export function observeLink(shell: Shell, tmuxSocket: string | null, more: Partial<HostLinkDeps> & { alias?: string } = {}): ObservedLink {
  const facts: TimedFact[] = [];
  const { alias = 'box', ...deps } = more;
  const link = new HostLink(hostOf(alias, tmuxSocket), {
    shell, clock: systemClock, logger: nullLogger, installId: 'inst', pollIntervalMs: 2_000,
    emit: (fact) => void facts.push({ ...fact, atMs: performance.now() }),
    ...deps,
  });
  const observed: ObservedLink = {
    link,
    facts,
    sessions: () => observed.last('host-sessions')?.sessions ?? [],
    names: () => observed.sessions().map((session) => session.name).sort(),
    last: <K extends HostFact['kind']>(kind: K) => facts.findLast((fact): fact is Extract<HostFact, { kind: K }> & { atMs: number } => fact.kind === kind),
    async online() {
      await until(() => link.isOnline && observed.last('host-sessions'), { what: 'the link is online' });
    },
  };
  link.start();
  return observed;
}

/** Median and 95th percentile of figures, rounded to 0.1. */
export function percentiles(figures: number[]): { median: number; p95: number; max: number } {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN) * 10) / 10;
  return { median: at(0.5), p95: at(0.95), max: at(1) };
}

function hostOf(alias: string, tmuxSocket: string | null): HostConfig {
  return { alias, sshTarget: alias, transport: 'local', tmuxSocket, forwardAgent: false, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {} };
}
