import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../../base/errors.ts';

/**
 * Exit codes of the command that a viewer runs, besides ssh's own 255: they let it say why the attach ended.
 * 0 from an attach is a detach or the end of the session; the next try tells which.
 */
export const viewerExit = { sessionGone: 75, noTmux: 127, linkLost: 255 } as const;

/** Undoes what a full-screen program may have left behind: alternate screen, mouse, focus and paste modes, hidden cursor, attributes. */
const resetTerminal = String.raw`printf '\033[?1049l\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?1004l\033[?2004l\033[>4m\033[?25h\033[0m\033(B\r'`;

/**
 * `viewer.sh ALIAS ARGV…` keeps ARGV (an attach) running, and says why it ended, what it waits for and when it tries again. The session's name
 * is the window's, so that a rename needs no new viewer. HUP must end it at once: sh would hold a trap back until the attach ends, and the
 * attach is told of the lost terminal only by the end of this sh.
 */
const viewer = String.raw`#!/bin/sh
alias=$1; shift
trap : INT QUIT TSTP
# Half seconds: 0.5 s, doubled up to 30 s; an attach that lasted begins anew.
wait=1
while :; do
  label="$alias/$(tmux display-message -p -t "$TMUX_PANE" '#{window_name}' 2>/dev/null)"
  printf '%s: connecting...\r\n' "$label"
  began=$(date +%s)
  # Errors go to a file without a name, so that none is left by a viewer that is killed.
  exec 3<>"$0.$$.err"
  rm -f "$0.$$.err"
  "$@" 2>&3 3>&-
  code=$?
  [ $(($(date +%s) - began)) -ge 3 ] && wait=1
  stty sane 2>/dev/null
  ${resetTerminal}
  said=$(tail -n 1 /dev/fd/3 2>/dev/null | tr -cd '[:print:]' | cut -c 1-200)
  case $code:$said in
    0:*) why='detached, or the session ended' ;;
    ${viewerExit.sessionGone}:*) why='this session is gone on the host; waiting for it to come back' ;;
    ${viewerExit.noTmux}:*) why='tmux was not found on the host' ;;
    *[Hh]'ost key'*) why='needs login: the host key is not known; choose Connect... for this host' ;;
    *ermission' denied'*|*'assphrase'*|*'uthentication'*) why='needs login: the host asks who you are; choose Connect... for this host' ;;
    ${viewerExit.linkLost}:*) why='link lost; waiting for the host' ;;
    *) why="the attach ended with code $code" ;;
  esac
  printf '\r\n%s: %s\r\n' "$label" "$why"
  [ -n "$said" ] && printf '  %s\r\n' "$said"
  stty -echo -icanon min 0 time 5 2>/dev/null || sleep 1
  left=$wait
  while [ "$left" -gt 0 ]; do
    printf '\r\033[Kreconnecting in %s s - press Enter to do it now' "$(((left + 1) / 2))"
    step=1
    # Long waits count down in steps of 5 s: each step is a process.
    [ "$left" -gt 20 ] && step=10
    stty min 0 time $((step * 5)) 2>/dev/null
    key=$(dd bs=64 count=1 2>/dev/null | od -An -tx1 | tr -d ' \n')
    case $key in *0d*|*0a*) wait=1; break ;; esac
    # Another key ends the read early; that only shortens the wait a little.
    left=$((left - step))
  done
  printf '\r\033[K'
  stty sane 2>/dev/null
  [ -z "$key" ] && wait=$((wait * 2))
  [ "$wait" -gt 60 ] && wait=60
done
`;

/**
 * `half.sh SOCKET OPTION SESSION` shows an inner server in one half of the terminal layout: the session that OPTION names, else SESSION.
 * It attaches again by itself when the session or the whole server went away. OPTION `-` is none.
 */
const half = String.raw`#!/bin/sh
socket=$1; option=$2; door=$3
unset TMUX TMUX_PANE
trap : INT QUIT TSTP
stty -echo 2>/dev/null
while :; do
  target=$door
  if [ "$option" != - ]; then
    shown=$(tmux -N -S "$socket" show-options -gqv "$option" 2>/dev/null)
    [ -n "$shown" ] && tmux -N -S "$socket" has-session -t "=$shown" 2>/dev/null && target=$shown
  fi
  tmux -N -u -S "$socket" attach-session -t "=$target" 2>/dev/null
  ended=$?
  stty sane -echo 2>/dev/null
  ${resetTerminal}
  if [ $ended != 0 ]; then printf '\033[H\033[2Jcockpit puts this half together...\r\n'; sleep 0.2; fi
  sleep 0.05
done
`;

/** `notice.sh TEXT` shows a text and takes no keys. */
const notice = String.raw`#!/bin/sh
trap : INT QUIT TSTP
stty -echo -icanon -isig 2>/dev/null
printf '\033[2J\033[H\r\n%s\r\n' "$1"
exec cat >/dev/null
`;

const texts = { 'viewer.sh': viewer, 'half.sh': half, 'notice.sh': notice };

/** The sh scripts that run in panes, as files: sh needs 1 MB where Node needs 45. */
export type Scripts = { viewer: string; half: string; notice: string };

/** Where the scripts are in a runtime directory. */
export function scriptPaths(runtime: string): Scripts {
  return { viewer: join(runtime, 'viewer.sh'), half: join(runtime, 'half.sh'), notice: join(runtime, 'notice.sh') };
}

/** Writes the scripts that are missing or of another version. A running sh reads on in the old file, which stays as it is. */
export function installScripts(runtime: string): void {
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(texts)) {
    const path = join(runtime, name);
    if (textOf(path) === text) continue;
    const fresh = `${path}.${randomBytes(6).toString('hex')}`;
    writeFileSync(fresh, text, { mode: 0o700 });
    renameSync(fresh, path);
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return null;
  }
}
