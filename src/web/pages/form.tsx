import type { Child } from 'hono/jsx'

export interface FormProps {
  /** Where it goes; always a POST. */
  readonly action: string
  readonly class?: string | undefined
  readonly id?: string | undefined
  readonly hasFiles?: boolean | undefined
  readonly label?: string | undefined
  readonly children?: Child
}

/** Every form that changes something is one of these. */
export function Form({ action, class: className, id, hasFiles, label, children }: FormProps) {
  return (
    <form
      method="post"
      action={action}
      class={className}
      id={id}
      aria-label={label}
      enctype={hasFiles === true ? 'multipart/form-data' : undefined}
    >
      {children}
    </form>
  )
}

export interface FieldProps {
  readonly label: string
  readonly name: string
  readonly value?: string | number | null | undefined
  readonly hint?: Child
  readonly type?: 'text' | 'number' | 'date' | 'search' | 'email' | 'file' | undefined
  readonly isRequired?: boolean | undefined
  readonly isShort?: boolean | undefined
  readonly isWhole?: boolean | undefined
  readonly placeholder?: string | undefined
  readonly accept?: string | undefined
  readonly id?: string | undefined
  /** Longest text. */
  readonly maxLength?: number | undefined
}

/** A labelled input. Numbers are text with a numeric keyboard: browsers disagree about commas, we don't. */
export function Field(props: FieldProps) {
  const { label, name, value, hint, type = 'text', isRequired, isShort, isWhole, placeholder, accept, id } = props
  const isNumber = type === 'number'
  const hintId = hint === undefined ? undefined : `hint-${id ?? name}`
  const width = isWhole === true ? 'whole' : isShort === true ? 'short' : undefined
  return (
    <Labelled label={label} hint={hint} hintId={hintId} width={width}>
      <input
        type={isNumber ? 'text' : type}
        inputmode={isNumber ? 'decimal' : undefined}
        name={name}
        id={id}
        value={value == null ? undefined : String(value)}
        required={isRequired === true}
        placeholder={placeholder}
        accept={accept}
        maxlength={props.maxLength}
        aria-describedby={hintId}
        autocomplete="off"
      />
    </Labelled>
  )
}

interface LabelledProps {
  readonly label: string
  readonly hint: Child
  /** What the control is described by; undefined: there is no hint. */
  readonly hintId: string | undefined
  readonly width?: 'whole' | 'short' | undefined
  /** The control. */
  readonly children?: Child
}

function Labelled({ label, hint, hintId, width, children }: LabelledProps) {
  return (
    <div class={width === undefined ? 'field' : `field ${width}`}>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is what stands inside */}
      <label>
        {label}
        {children}
      </label>
      {hintId === undefined ? null : (
        <span class="hint" id={hintId}>
          {hint}
        </span>
      )}
    </div>
  )
}

export interface Option {
  readonly value: string
  readonly text: string
}

export function Select({
  label,
  name,
  value,
  options,
  hint,
}: {
  label: string
  name: string
  value?: string | null | undefined
  options: readonly Option[]
  hint?: Child
}) {
  const hintId = hint === undefined ? undefined : `hint-${name}`
  return (
    <Labelled label={label} hint={hint} hintId={hintId}>
      <select name={name} aria-describedby={hintId}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value}>
            {option.text}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

export function TextArea({
  label,
  name,
  value,
  rows = 3,
  hint,
}: {
  label: string
  name: string
  value?: string | null | undefined
  rows?: number
  hint?: Child
}) {
  const hintId = hint === undefined ? undefined : `hint-${name}`
  return (
    <Labelled label={label} hint={hint} hintId={hintId} width="whole">
      <textarea name={name} rows={rows} aria-describedby={hintId}>
        {value ?? ''}
      </textarea>
    </Labelled>
  )
}

/** A form that is one button. */
export function ActionButton({
  action,
  text,
  kind,
  fields = {},
  label,
}: {
  action: string
  text: string
  kind?: 'secondary' | 'danger' | undefined
  fields?: Readonly<Record<string, string>>
  label?: string | undefined
}) {
  return (
    <Form action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={kind} aria-label={label}>
        {text}
      </button>
    </Form>
  )
}

/** What was wrong with a form that comes back as it was sent. */
export function Problem({ text }: { text: string | null | undefined }) {
  return text == null ? null : (
    <p class="notice bad" role="alert">
      {text}
    </p>
  )
}
