import { argumentWords, optionValues, steps } from './branches.ts';
import type { CommandModel, WordKind } from './commandModel.ts';
import { singleQuoted } from './quoted.ts';

/** The completion script for bash. Names of remote sessions are compared and quoted, never expanded. */
export function bashScript(models: readonly CommandModel[]): string {
  return `# bash completion of cockpit: eval "$(cockpit completion bash)"
_cockpit_offer() {
  local line
  while IFS= read -r line; do
    [[ $line == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
  done
}
_cockpit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} where='' option='' word i
  local -i args=0
  local -a global=()
  COMPREPLY=()
  [[ $cur == '=' ]] && cur=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $option ]]; then
      [[ $word == '=' ]] && continue
      [[ $option == --data-dir ]] && global+=(--data-dir "\${word/#\\~\\//$HOME/}")
      option=''
      continue
    fi
    case $word in
      --demo) global+=(--demo) ;;
      -*)
        case "$where:$word" in
          ${optionValues(models).map(({ key }) => singleQuoted(key)).join(' | ')}) option=$word ;;
        esac
        ;;
      *)
        case "$where:$word" in
${steps(models).map(({ key, offer }) => `          ${singleQuoted(key)}) where=${singleQuoted(offer)} ;;`).join('\n')}
          *) args+=1 ;;
        esac
        ;;
    esac
  done
  if [[ -n $option ]]; then
    case "$where:$option" in
${optionValues(models).map(({ key, offer }) => `      ${singleQuoted(key)}) ${offering(offer)} ;;`).join('\n')}
    esac
    return
  fi
  if [[ $cur == -* ]]; then
    case $where in
${models.map(({ path, options }) => `      ${singleQuoted(path)}) COMPREPLY=($(compgen -W ${singleQuoted(options.flatMap(({ names }) => names).join(' '))} -- "$cur")) ;;`).join('\n')}
    esac
    return
  fi
  case "$where:$args" in
${models.filter(({ subcommands }) => subcommands.length > 0).map(({ path, subcommands }) => `    ${singleQuoted(`${path}:0`)}) COMPREPLY=($(compgen -W ${singleQuoted(subcommands.map(({ name }) => name).join(' '))} -- "$cur")) ;;`).join('\n')}
  esac
  case "$where:$args" in
${argumentWords(models).map(({ key, offer }) => `    ${singleQuoted(key)}) ${offering(offer)} ;;`).join('\n')}
  esac
}
complete -F _cockpit cockpit
`;
}

function offering(words: WordKind): string {
  switch (words.kind) {
    case 'choices':
      return `COMPREPLY+=($(compgen -W ${singleQuoted(words.words.join(' '))} -- "$cur"))`;
    case 'sessions':
      return `_cockpit_offer < <("\${COMP_WORDS[0]}" "\${global[@]}" complete-sessions 2>/dev/null)`;
    case 'hosts':
      return `_cockpit_offer < <("\${COMP_WORDS[0]}" "\${global[@]}" complete-sessions --hosts 2>/dev/null)`;
    case 'folders':
      return `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur")`;
    case 'free':
      return ':';
  }
}
