/** Longest time for which this thread's event loop was held, in ms: `wallMs` as a clock sees it, `cpuMs` what the thread itself worked in such a gap (a busy machine delays the one, not the other). */
export type LoopHold = { wallMs: number; cpuMs: number };

type ThreadCpu = { threadCpuUsage?: () => { user: number; system: number } };

/** Watches the event loop until `stop`. */
export function watchLoop(): { stop(): LoopHold } {
  const cpuUsage = (process as ThreadCpu).threadCpuUsage?.bind(process);
  const cpuNowMs = () => {
    // An older Node does not tell; then the clock counts for both.
    if (!cpuUsage) return performance.now();
    const { user, system } = cpuUsage();
    return (user + system) / 1000;
  };
  const worst: LoopHold = { wallMs: 0, cpuMs: 0 };
  let lastMs = performance.now();
  let lastCpuMs = cpuNowMs();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const cpuMs = cpuNowMs();
    worst.wallMs = Math.max(worst.wallMs, nowMs - lastMs);
    worst.cpuMs = Math.max(worst.cpuMs, cpuMs - lastCpuMs);
    lastMs = nowMs;
    lastCpuMs = cpuMs;
  }, 1);
  return {
    stop() {
      clearInterval(timer);
      return worst;
    },
  };
}
