import { isExpectedError } from '../../platform/errors.js'

/** What `restock doctor` found out about one thing. */
export interface Check {
  readonly name: string
  readonly isOk: boolean
  /** What is, and if it isn't right, how to mend it. */
  readonly detail: string
}

export function ok(name: string, detail: string): Check {
  return { name, isOk: true, detail }
}

export function problem(name: string, detail: string): Check {
  return { name, isOk: false, detail }
}

/** Runs a check that may throw; whatever it throws is the problem. */
export async function checking(name: string, work: () => Promise<Check>): Promise<Check> {
  try {
    return await work()
  } catch (error) {
    return problem(
      name,
      isExpectedError(error) ? error.message : `failed: ${error instanceof Error ? error.message : error}`,
    )
  }
}
