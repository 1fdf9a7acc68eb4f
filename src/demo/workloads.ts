/** Something that a fake session runs: an awk program that changes its screen and its title now and then, as a Codex at work does; null is a plain shell. */
export type Workload = { name: string; program: string | null };

/**
 * What a session runs, as argv: the program in the foreground, and a shell when it is interrupted. awk is on every machine, and a program whose name is no
 * shell's is not taken for an idle prompt; with `set -m` it has its own process group, so that tmux sees its name and Ctrl-C ends it alone.
 */
export function workloadArgv({ program }: Workload): string[] {
  return program === null ? ['sh', '-i'] : ['sh', '-c', 'trap : INT; set -m; awk "$0" </dev/null; printf "\\033]2;\\007"; exec sh -i', `${common}\n${program}`];
}

const common = `
function title(text) { printf "\\033]2;%s\\007", text; fflush() }
function rest(seconds) { fflush(); if (system("sleep " seconds) != 0) exit 1 }
function say(text, seconds) { print text; rest(seconds) }
function some(n) { return int(rand() * n) }`;

/** The workloads of the demo. Titles are Codex's own words (STATE-1). */
export const workloads: Workload[] = [
  {
    name: 'build',
    program: `
BEGIN { srand(); split("parser lexer emitter linker cache index query render layout socket", parts, " ")
  for (run = 1; ; run++) {
    title("Working | build"); files = 18 + some(25)
    say("$ make -j4   # run " run, 1)
    for (n = 1; n <= files; n++) {
      say(sprintf("[%3d%%] cc -O2 -c src/%s_%02d.c", 100 * n / files, parts[1 + some(10)], some(60)), 0.4 + rand())
      if (some(17) == 0) print "       warning: unused variable 'tmp' [-Wunused-variable]"
    }
    say(sprintf("[100%%] linked bin/app, %d objects, 0 errors", files), 1)
    title("Ready | build"); say("", 15)
  } }`,
  },
  {
    name: 'train',
    program: `
BEGIN { srand(); title("Working | train"); loss = 4.2
  for (step = 1; ; step++) {
    loss = loss * 0.995 + rand() * 0.004
    printf "\\r step %6d  loss %.4f  lr 3.0e-4  %4d tok/s  ", step * 10, loss, 2600 + some(400); rest(1)
    if (step % 30 == 0) printf "\\n checkpoint saved: run-7/step-%d\\n", step * 10
  } }`,
  },
  {
    name: 'tests',
    program: `
BEGIN { srand()
  for (run = 1; ; run++) {
    title("Working | tests"); bad = 0; all = 25 + some(20)
    say("TAP version 14", 1)
    for (n = 1; n <= all; n++) {
      failed = some(40) == 0; bad += failed
      say((failed ? "not ok " : "ok ") n " - case " n, 0.3 + rand() / 2)
    }
    say("# pass " all - bad " fail " bad, 1)
    title("Ready | tests"); say("", 12)
  } }`,
  },
  {
    name: 'question',
    program: `
BEGIN { srand()
  for (;;) {
    title("Working | deploy")
    for (n = 1; n <= 6; n++) say(sprintf("deploy: node %d of 6 is up", n), 0.5 + rand())
    title(""); answer = ""
    print "Deploy finished. The schema of 3 tables is older than the code."
    printf "Run the migration too? [y/n] "; fflush()
    if ((getline answer < "/dev/tty") <= 0) exit 1
    if (answer ~ /^[yY]/) { title("Working | migrate"); for (n = 1; n <= 3; n++) say("migrated table " n " of 3", 2); say("done", 5) }
    else say("left as it is; asking again in a minute", 60)
  } }`,
  },
  { name: 'shell', program: null },
];
