/** Something that a fake session runs: a POSIX sh script that changes its screen now and then and ends in a shell when it is interrupted. */
export type Workload = { name: string; script: string };

const shellAfterwards = 'trap : INT';

const withShell = (script: string): string => `${shellAfterwards}; ${script}; exec sh -i`;

/** The workloads of the demo, from quiet to busy. */
export const workloads: Workload[] = [
  {
    name: 'build',
    script: withShell(
      'n=0; while [ $n -lt 100000 ]; do n=$((n+1)); echo "[$n] cc -O2 -c module_$((n % 37)).c"; [ $((n % 23)) -eq 0 ] && echo "warning: unused variable in module_$((n % 37)).c"; sleep 1 || break; done',
    ),
  },
  {
    name: 'train',
    script: withShell('e=0; while [ $e -lt 100000 ]; do e=$((e+1)); printf "\\rstep %d  loss 0.%04d " $e $((9000 / e + e % 7)); [ $((e % 20)) -eq 0 ] && echo "checkpoint $e"; sleep 2 || break; done'),
  },
  {
    name: 'tests',
    script: withShell('t=0; while [ $t -lt 100000 ]; do t=$((t+1)); echo "ok $t - case $t"; [ $((t % 40)) -eq 0 ] && echo "# pass $t" && sleep 8; sleep 0.7 || break; done'),
  },
  { name: 'shell', script: 'exec sh -i' },
  {
    name: 'question',
    script: withShell(
      'while :; do echo "Deploy finished. Run the migration too?"; printf "Proceed? [y/n] "; read -r answer || break; echo "you said: $answer"; sleep 3 || break; done',
    ),
  },
];
