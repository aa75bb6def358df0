import type { z } from 'zod'

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list of values',
  object: 'a group of settings',
  record: 'a group of names with their values',
}

/** What is wrong with a setting, as it goes on after the setting's name. Sentences of our own stay; the library's are for programmers. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too) /.test(issue.message)) return issue.message
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
  if (issue.code === 'too_small') return `must ${bound(issue.origin, `at least ${issue.minimum}`)}`
  if (issue.code === 'too_big') return `must ${bound(issue.origin, `at most ${issue.maximum}`)}`
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? 'is not a possible name'
  if (issue.code !== 'invalid_type') return issue.message.replace(/^Invalid input: e/, 'e')
  const kind = kinds[issue.expected]
  if (kind === undefined) return issue.message.replace(/^Invalid input: e/, 'e')
  return issue.message.endsWith('received undefined') ? `is missing; it must be ${kind}` : `must be ${kind}`
}

function bound(origin: string, size: string): string {
  if (origin === 'string') return `have ${size} characters`
  return origin === 'array' ? `have ${size} values` : `be ${size}`
}
