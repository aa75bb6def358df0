import { type LookupTable, specOf } from './lookup-table.js'

/** The script for bash 3.2 and later. Only what is stored is asked for at the press of the key; the rest stands in it. */
export function bashScript({ words, values }: LookupTable): string {
  const cases = [
    ...words.map(([key, list]) => `    ${pattern(key)}) REPLY=${quote(list.map(({ name }) => name).join(' '))} ;;`),
    ...values.map(([key, each]) => `    ${pattern(key)}) REPLY=${quote(specOf(each))} ;;`),
  ]
  return `# bash completion for restock. Load it in ~/.bashrc: source <(restock completion bash)

_restock_lookup() {
  REPLY=''
  case $1 in
${cases.join('\n')}
  esac
}

_restock() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command='' expected='' spec='' word='' quoted='' REPLY='' i count=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # Bash takes --list=cafe for three words.
    if [[ $word == '=' ]]; then
      continue
    elif [[ -n $expected ]]; then
      expected=''
    elif [[ $word == -* ]]; then
      _restock_lookup "value|$command|$word"
      expected=$REPLY
    else
      _restock_lookup "commands|$command"
      if [[ $count -eq 0 && " $REPLY " == *" $word "* ]]; then
        command="\${command:+$command }$word"
      else
        count=$((count + 1))
      fi
    fi
  done
  [[ $cur == '=' ]] && cur=''
  if [[ -n $expected ]]; then
    spec=$expected
  elif [[ $cur == -* ]]; then
    _restock_lookup "options|$command"
    spec="choices $REPLY"
  else
    _restock_lookup "commands|$command"
    if [[ -n $REPLY && $count -eq 0 ]]; then
      spec="choices $REPLY"
    else
      _restock_lookup "argument|$command|$((count + 1))"
      spec=$REPLY
    fi
  fi
  local candidates=''
  case $spec in
    files) compopt -o default 2>/dev/null; return ;;
    folders) compopt -o dirnames 2>/dev/null; return ;;
    choices\\ *) candidates=\${spec#choices }; candidates=\${candidates// /$'\\n'} ;;
    stored\\ *) candidates=$(restock __complete "\${spec#stored }" "\${COMP_WORDS[@]}" 2>/dev/null </dev/null | cut -f1) ;;
    *) return ;;
  esac
  case $cur in
    \\"* | \\'*) quoted=yes; cur=\${cur:1} ;;
    *) cur=\${cur//\\\\/} ;;
  esac
  while IFS= read -r word; do
    [[ -n $word && $word == "$cur"* ]] || continue
    if [[ -z $quoted ]]; then word=$(printf '%q' "$word"); fi
    COMPREPLY+=("$word")
  done <<<"$candidates"
}

complete -F _restock restock
`
}

/** A key as a pattern of `case`, its stars as they are. */
function pattern(key: string): string {
  return key.split('*').map(quote).join('*')
}

function quote(text: string): string {
  return text === '' ? "''" : `'${text.replaceAll("'", "'\\''")}'`
}
