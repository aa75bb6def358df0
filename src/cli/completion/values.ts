/** What is stored and can be completed; the database is asked for it. */
export type StoredKind =
  | 'lists'
  | 'items'
  | 'suppliers'
  | 'products'
  | 'offers'
  | 'orders'
  | 'runs'
  | 'schedules'
  | 'tokens'

/** What can stand in one place of a command line. */
export type Values =
  | { readonly kind: 'anything' }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'stored'; readonly what: StoredKind }

const files: Values = { kind: 'files' }
const folders: Values = { kind: 'folders' }
const stored = (what: StoredKind): Values => ({ kind: 'stored', what })

/** By the option, wherever it is. */
const ofOptions: Readonly<Record<string, Values>> = {
  '--config': files,
  '--data-dir': folders,
  '--list': stored('lists'),
  '--run': stored('runs'),
  '--supplier': stored('suppliers'),
  '--subject': stored('orders'),
}

/** By the command or its group, and the argument's name there. */
const ofArguments: Readonly<Record<string, Values>> = {
  'orders <id>': stored('orders'),
  'runs <id>': stored('runs'),
  'schedule <name>': stored('schedules'),
  'tokens remove <name>': stored('tokens'),
  'catalog <offer>': stored('offers'),
  '<item>': stored('items'),
  '<product>': stored('products'),
  '<run>': stored('runs'),
  '<file>': files,
  '<folder>': folders,
}

const anything: Values = { kind: 'anything' }

export function valuesOfOption(name: string, choices: readonly string[] | undefined): Values {
  return choices === undefined ? (ofOptions[name] ?? anything) : { kind: 'choices', choices }
}

/** `path` is the command's, such as `orders show`. */
export function valuesOfArgument(path: string, name: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: 'choices', choices }
  const [group = ''] = path.split(' ')
  return ofArguments[`${path} <${name}>`] ?? ofArguments[`${group} <${name}>`] ?? ofArguments[`<${name}>`] ?? anything
}
