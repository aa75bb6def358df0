import type { Highs } from 'highs'

/** A new WASM runtime, some 70 MB and a tenth of a second. */
export async function loadHighs(): Promise<Highs> {
  // The package's types describe its CommonJS build, in which the loader lies one level deeper than in the one we get.
  const highs: { readonly default: unknown } = await import('highs')
  if (!isLoader(highs.default)) throw new Error('the package highs has no loader where one is expected')
  return highs.default()
}

function isLoader(value: unknown): value is () => Promise<Highs> {
  return typeof value === 'function'
}
