import { type RetryPolicy, retryPolicies } from '@openai/agents'

/** A model that wants to be left alone for longer than this has failed: the next one of the chain is asked instead. */
const longestWaitMs = 20_000

const isPassing = retryPolicies.any(
  retryPolicies.networkError(),
  retryPolicies.httpStatus([408, 429, 500, 502, 503, 504]),
)

/** Asks again after what may pass by itself, when the model says that it will pass soon. The SDK would wait an hour if told to. */
export const retryWhatPasses: RetryPolicy = (context) => {
  if ((context.normalized.retryAfterMs ?? 0) > longestWaitMs) return false
  return isPassing(context)
}
