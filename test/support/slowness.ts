const burnMs = 60;

/**
 * How much longer than alone things take on this machine just now, because others use it: wall time over CPU time of a short burn, at least 1.
 * To be asked while what is under test is idle, or its own work counts as others'.
 */
export function machineSlowness(): number {
  const began = process.cpuUsage();
  const startedMs = performance.now();
  let usedMs = 0;
  while (usedMs < burnMs) {
    const { user, system } = process.cpuUsage(began);
    usedMs = (user + system) / 1000;
  }
  return Math.max(1, (performance.now() - startedMs) / usedMs);
}
