/** Largest login that is sent to a remote, in bytes. */
export const largestLoginBytes = 64 * 1024;

/**
 * Puts a login at `~/.codex/auth.json` of a host in one step (MCP-7). The script is constant; its input is the length of the login on a line, then the login,
 * so that a broken link never leaves half of one. What was there first is kept beside it, an empty file for nothing.
 */
export const installLoginScript = `set -eu
umask 077
read -r size
dir=$HOME/.codex
file=$dir/auth.json
old=$file.before-cockpit
new=$dir/.auth.json.cockpit.$$
mkdir -p -- "$dir"
trap 'rm -f -- "$new"' EXIT
rm -f -- "$new"
cat >"$new"
[ "$(($(wc -c <"$new")))" -eq "$size" ] || { echo 'the login did not arrive whole' >&2; exit 65; }
if [ ! -e "$old" ] && [ ! -L "$old" ]; then
  if [ -e "$file" ] || [ -L "$file" ]; then cp -pP -- "$file" "$old"; else : >"$old"; fi
fi
mv -f -- "$new" "$file"`;

/** Input of `installLoginScript`. */
export function installLoginInput(login: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${login.length}\n`), login]);
}

/** Gives a host back the login that it had before; prints `restored`, `removed` (it had none) or `nothing`. */
export const undoLoginScript = `set -eu
file=$HOME/.codex/auth.json
old=$file.before-cockpit
if [ -s "$old" ] || [ -L "$old" ]; then
  mv -f -- "$old" "$file"
  echo restored
elif [ -e "$old" ]; then
  rm -f -- "$file" "$old"
  echo removed
else
  echo nothing
fi`;
