/** One run of HiGHS on one model, from a start to a proof, a deadline or a failure. Blocks its thread. */
import type { CallbackData, Highs } from 'highs'
import type { HighsModel } from './highs-model.js'

export interface HighsRun {
  readonly model: HighsModel
  /** Packs by offer; breaks no rule of the model. */
  readonly start: ArrayLike<number>
  readonly seconds: number
  /** Whether the program is simplified first, which pays where money is limited and otherwise takes a third of the time. */
  readonly isSimplified: boolean
  /** The absolute gap that counts as none. */
  readonly gap: number
  /** Told of each better solution, and now and then of the bound. */
  readonly onSolution: (packs: Int32Array) => void
  readonly onBound: (bound: number) => void
}

export interface HighsAnswer {
  /** null: not even the start was found again. */
  readonly packs: Int32Array | null
  readonly isProven: boolean
  /** No solution of the model has a smaller objective; -Infinity: nothing is known. */
  readonly bound: number
}

/** Often enough to know the bound when the thread is killed, rarely enough not to cost anything. */
const msBetweenBounds = 100

export function runHighs(highs: Highs, run: HighsRun): HighsAnswer {
  const { callbackType, modelStatus } = highs.constants
  const model = highs.createModel(run.model.data)
  try {
    model.options.set({
      output_flag: false,
      time_limit: Math.max(0.01, run.seconds),
      // HiGHS calls a relative gap of 1e-4 optimal unless told otherwise.
      mip_rel_gap: 0,
      mip_abs_gap: run.gap,
      // A good plan is there before it starts: looking for a first one takes time and saves none.
      mip_heuristic_run_feasibility_jump: false,
      mip_heuristic_run_rens: false,
      presolve: run.isSimplified ? 'on' : 'off',
    })
    model.setSolution({ colValue: run.model.toSolution(run.start) })
    let boundAt = -Infinity
    const onProgress = ({ data }: { readonly data: CallbackData }) => {
      const bound = data.mip_dual_bound
      if (bound === undefined || !Number.isFinite(bound) || performance.now() - boundAt < msBetweenBounds)
        return undefined
      boundAt = performance.now()
      run.onBound(bound)
      return undefined
    }
    const { modelStatus: status } = model.run({
      [callbackType.mipImprovingSolution]: (event) => {
        const solution = event.data.mip_solution
        if (solution !== undefined) run.onSolution(run.model.toPacks(solution))
        return undefined
      },
      // Both come now and then; logging, which is meant for it, only comes with the output that nobody reads.
      [callbackType.mipSolution]: onProgress,
      [callbackType.mipInterrupt]: onProgress,
    })
    const hasSolution = model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible
    const bound = Number(model.info.get('mip_dual_bound'))
    return {
      packs: hasSolution ? run.model.toPacks(model.getSolution().colValue) : null,
      isProven: status === modelStatus.optimal && hasSolution,
      bound: Number.isFinite(bound) ? bound : -Infinity,
    }
  } finally {
    model.dispose()
  }
}
