import { type LookupTable, specOf } from './lookup-table.js'

/** The script for zsh. Only what is stored is asked for at the press of the key; the rest stands in it. */
export function zshScript({ words, values }: LookupTable): string {
  const cases = [
    ...words.map(
      ([key, list]) =>
        `    ${pattern(key)}) reply=(${list.map(({ name, about }) => quote(`${name}:${about}`)).join(' ')}) ;;`,
    ),
    ...values.map(([key, each]) => `    ${pattern(key)}) REPLY=${quote(specOf(each))} ;;`),
  ]
  return `#compdef restock
# zsh completion for restock. Load it in ~/.zshrc, after compinit: source <(restock completion zsh)

_restock_lookup() {
  REPLY=''
  reply=()
  case $1 in
${cases.join('\n')}
  esac
}

_restock() {
  local command='' expected='' spec='' word='' about='' REPLY=''
  local -a reply names
  local -i i count=0
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ -n $expected ]]; then
      expected=''
    elif [[ $word == --*=* ]]; then
      continue
    elif [[ $word == -* ]]; then
      _restock_lookup "value|$command|$word"
      expected=$REPLY
    else
      _restock_lookup "commands|$command"
      names=(\${reply%%:*})
      if ((count == 0 && \${names[(Ie)$word]})); then
        command="\${command:+$command }$word"
      else
        ((count += 1))
      fi
    fi
  done
  word=\${words[CURRENT]}
  if [[ -n $expected ]]; then
    spec=$expected
  elif [[ $word == --*=* ]]; then
    _restock_lookup "value|$command|\${word%%=*}"
    spec=$REPLY
    compset -P '*='
  elif [[ $word == -* ]]; then
    _restock_lookup "options|$command"
    _describe -o option reply
    return
  else
    _restock_lookup "commands|$command"
    if ((count == 0 && $#reply)); then
      _describe command reply
      return
    fi
    _restock_lookup "argument|$command|$((count + 1))"
    spec=$REPLY
  fi
  case $spec in
    files) _files ;;
    folders) _files -/ ;;
    choices\\ *)
      reply=(\${(s: :)\${spec#choices }})
      _describe value reply
      ;;
    stored\\ *)
      reply=()
      while IFS=$'\\t' read -r word about; do
        reply+=("\${word//:/\\\\:}:$about")
      done < <(restock __complete "\${spec#stored }" "\${words[@]}" 2>/dev/null </dev/null)
      _describe \${spec#stored } reply
      ;;
  esac
}

# Whether it is sourced, or stands in a folder of $fpath.
if [[ $funcstack[1] == _restock ]]; then
  _restock "$@"
else
  compdef _restock restock
fi
`
}

function pattern(key: string): string {
  return key.split('*').map(quote).join('*')
}

function quote(text: string): string {
  return text === '' ? "''" : `'${text.replaceAll("'", "'\\''")}'`
}
