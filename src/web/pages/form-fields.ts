import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { InputError } from '../../platform/errors.js'
import { storableText } from '../../platform/plain-text.js'

/** A form as it was sent. */
export interface FormFields {
  /** Trimmed; '' when the field is blank or missing. */
  text(name: string): string
  /** null when it is blank or missing. */
  optional(name: string): string | null
  /** undefined when the form has no such field, null when it is blank. */
  given(name: string): string | null | undefined
  /** A number as people write it, also with a comma; null when blank. Throws InputError that names `label`. */
  number(name: string, label: string): number | null
  isChecked(name: string): boolean
  /** null when none was chosen. */
  file(name: string): File | null
  /** All fields with this prefix that aren't blank, without it. */
  startingWith(prefix: string): readonly (readonly [name: string, value: string])[]
}

export async function readForm(c: Context): Promise<FormFields> {
  const body = await c.req.parseBody().catch((error: unknown) => {
    throw new HTTPException(400, { message: 'The form did not come through whole; send it again.', cause: error })
  })
  const raw = (name: string) => {
    const value = body[name]
    return typeof value === 'string' ? storableText(value).trim() : undefined
  }
  const text = (name: string) => raw(name) ?? ''
  return {
    text,
    optional: (name) => text(name) || null,
    given: (name) => {
      const value = raw(name)
      return value === undefined ? undefined : value || null
    },
    number: (name, label) => {
      const written = text(name)
      return written === '' ? null : readNumber(written, label)
    },
    isChecked: (name) => text(name) !== '',
    file: (name) => {
      const value = body[name]
      return value instanceof File && value.size > 0 ? value : null
    },
    startingWith: (prefix) =>
      Object.keys(body)
        .filter((name) => name.startsWith(prefix) && text(name) !== '')
        .map((name) => [name.slice(prefix.length), text(name)]),
  }
}

/** "1,5" is 1.5; "1.250,5" and "1,250.5" could mean two things and are refused. */
export function readNumber(written: string, label: string): number {
  const digits = written.includes('.') ? written : written.replace(',', '.')
  if (!/^[+-]?\d+(\.\d+)?$/.test(digits)) {
    throw new InputError(`${label}: "${written.slice(0, 40)}" is not a number; write digits such as 12.5.`)
  }
  return Number(digits)
}
