/** A mixed-integer program put together column by column and row by row, in the sparse arrays that HiGHS takes. */
import type { ModelData } from 'highs'

export interface Term {
  readonly column: number
  readonly factor: number
}

export class LinearProgram {
  readonly #costs: number[] = []
  readonly #columnLow: number[] = []
  readonly #columnHigh: number[] = []
  readonly #isInteger: (0 | 1)[] = []
  readonly #rowLow: number[] = []
  readonly #rowHigh: number[] = []
  readonly #starts: number[] = [0]
  readonly #indices: number[] = []
  readonly #factors: number[] = []

  get columns(): number {
    return this.#costs.length
  }

  column(cost: number, low: number, high: number, isInteger = true): number {
    this.#columnLow.push(low)
    this.#columnHigh.push(high)
    this.#isInteger.push(isInteger ? 1 : 0)
    return this.#costs.push(cost) - 1
  }

  flag(cost: number): number {
    return this.column(cost, 0, 1)
  }

  /** A column may appear several times; its factors are added. */
  row(low: number, terms: readonly Term[], high: number): void {
    const factors = new Map<number, number>()
    for (const { column, factor } of terms) factors.set(column, (factors.get(column) ?? 0) + factor)
    if (factors.size === 0) return
    this.#rowLow.push(low)
    this.#rowHigh.push(high)
    for (const [column, factor] of factors) {
      this.#indices.push(column)
      this.#factors.push(factor)
    }
    this.#starts.push(this.#indices.length)
  }

  setCosts(costOf: (column: number) => number): void {
    for (const column of this.#costs.keys()) this.#costs[column] = costOf(column)
  }

  get data(): ModelData {
    const numCols = this.#costs.length
    const numRows = this.#rowLow.length
    return {
      numCols,
      numRows,
      colCost: Float64Array.from(this.#costs),
      colLower: Float64Array.from(this.#columnLow),
      colUpper: Float64Array.from(this.#columnHigh),
      rowLower: Float64Array.from(this.#rowLow),
      rowUpper: Float64Array.from(this.#rowHigh),
      integrality: this.#isInteger,
      matrix: {
        format: 'csr',
        numRows,
        numCols,
        starts: Int32Array.from(this.#starts),
        indices: Int32Array.from(this.#indices),
        values: Float64Array.from(this.#factors),
      },
    }
  }
}
