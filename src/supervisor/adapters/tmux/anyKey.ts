import { quote } from '../shell/shell.ts';
import { socketArgs } from './tmuxSocket.ts';

/** The key table at the remote in which any key claims. */
const table = 'cockpit-any';

/**
 * What a key without a binding does there (OWN-6, opt-in): an agent's session becomes its human's, at a higher epoch, before the key is passed on; the whole
 * happens in one go at the tmux server. Mouse events are passed on and claim nothing.
 */
const claims = [
  `set-option -F @cockpit_epoch '#{e|+|:#{@cockpit_epoch},1}'`,
  `set-option -F @cockpit_typed '#{@cockpit_epoch}'`,
  `set-option -F @cockpit_owner '#{s/^agent/human/:@cockpit_owner}'`,
].join(' ; ');
const onKey = `if-shell -F '#{!=:#{mouse_x},}' { send-keys -M } { if-shell -F '#{m:agent:*,#{@cockpit_owner}}' { ${claims} } ; send-keys }`;

/** The tmux function of the scripts. */
const prelude = (tmuxSocket: string | null) => `unset TMUX TMUX_PANE\nt() { tmux ${quote('-u', ...socketArgs(tmuxSocket))} "$@"; }`;

/**
 * Lets any key of any client claim in every managed session of a host: their key table becomes a copy of the usual one, as it is now, in which all other
 * keys claim. Sessions that are managed no more, and those that have a key table of their own, are (again) as they were. Harmless when repeated. tmux 3.2 or newer.
 */
export function installAnyKeyScript(tmuxSocket: string | null): string {
  return `${prelude(tmuxSocket)}
base=$(t show-options -gv key-table) || exit 0
case $base in *[!A-Za-z0-9_-]*) echo "the key table $base" >&2; exit 65;; esac
t unbind-key -a -q -T ${table}
t list-keys -T "$base" | sed "s/^bind-key\\( *-r\\)\\{0,1\\} *-T $base /bind-key\\1 -T ${table} /" | t source-file -
t bind-key -T ${table} Any ${quote(onKey)} || exit
t list-sessions -F '#{session_id} #{m:cockpit-*,#{session_name}} #{key-table}' | while read -r id managed now; do
  case "$managed $now" in
    "1 $base") t set-option -t "$id" key-table ${table};;
    '0 ${table}') t set-option -u -t "$id" key-table;;
  esac
done`;
}

/** Takes all of it away again. */
export function removeAnyKeyScript(tmuxSocket: string | null): string {
  return `${prelude(tmuxSocket)}
t list-sessions -F '#{session_id} #{key-table}' 2>/dev/null | while read -r id now; do
  if [ "$now" = ${table} ]; then t set-option -u -t "$id" key-table; t set-option -u -t "$id" @cockpit_typed; fi
done
t unbind-key -a -q -T ${table} 2>/dev/null
exit 0`;
}

/** Commands that do so for one session that is given back. */
export function withoutAnyKey(id: string): string[][] {
  return [['set-option', '-u', '-t', id, '@cockpit_typed'], ['if-shell', '-F', '-t', `${id}:`, `#{==:#{key-table},${table}}`, `set-option -u -t '${id}' key-table`]];
}
