import type { HostMachine } from '../domain/facts.ts';

/** Prints what a machine is, one `key value` line each; leaves out what it cannot find (CONF-5). */
export const machineScript = `
echo "hostname $(uname -n 2>/dev/null)"
if [ -r /etc/os-release ]; then
  (. /etc/os-release; echo "os \${PRETTY_NAME:-$NAME}")
elif command -v sw_vers >/dev/null 2>&1; then
  echo "os $(sw_vers -productName) $(sw_vers -productVersion)"
else
  echo "os $(uname -sr 2>/dev/null)"
fi
echo "cpus $(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null)"
if [ -r /proc/meminfo ]; then
  while read -r key value rest; do
    [ "$key" = MemTotal: ] && echo "ramkib $value"
  done < /proc/meminfo
else
  echo "rambytes $(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem 2>/dev/null)"
fi
if command -v nvidia-smi >/dev/null 2>&1; then
  nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null </dev/null | while read -r name; do echo "gpu $name"; done
fi
exit 0
`;

/** Reads the output of `machineScript`; what is missing or odd is '' or 0. */
export function parseMachine(output: string): HostMachine {
  const machine: HostMachine = { hostname: '', os: '', cpus: 0, ramBytes: 0, gpus: [] };
  for (const line of output.split('\n')) {
    const [key = '', ...words] = line.trim().split(' ');
    const value = words.join(' ').slice(0, 200);
    switch (key) {
      case 'hostname':
      case 'os':
        machine[key] = value;
        break;
      case 'cpus':
        machine.cpus = countOf(value);
        break;
      case 'ramkib':
        machine.ramBytes = countOf(value) * 1024;
        break;
      case 'rambytes':
        machine.ramBytes = countOf(value);
        break;
      case 'gpu':
        if (value !== '' && machine.gpus.length < 64) machine.gpus.push(value);
        break;
    }
  }
  return machine;
}

function countOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
