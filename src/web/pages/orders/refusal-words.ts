import { RefusalError } from '../../../platform/errors.js'

/** What refusals say where the remedy is a button, by code; elsewhere they name the command. */
const words: Readonly<Record<string, string>> = {
  buying_paused: 'Buying is paused. Resume it under Limits, then do this again.',
  not_closable: 'As the order stands now it can’t be closed. What can be done with it is below.',
  too_late_to_cancel: 'As the order stands now it can’t be cancelled. What can be done with it is below.',
}

/** The same error in words that lead on from a page. */
export function inPageWords(error: unknown): unknown {
  if (!(error instanceof RefusalError)) return error
  const text = words[error.refusal.code]
  return text === undefined ? error : new RefusalError({ ...error.refusal, text })
}
