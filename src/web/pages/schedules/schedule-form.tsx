import { idPattern, isCron, isTimeZone } from '../../../config/config-file.js'
import { InputError } from '../../../platform/errors.js'
import type { ScheduleDefinition } from '../../../schedules/save-schedule.js'
import type { Schedule } from '../../../schedules/schedule.js'
import type { ListView } from '../../../stock/lists.js'
import { Field, Form, Problem, Select, TextArea } from '../form.js'
import type { FormFields } from '../form-fields.js'
import type { CronPreview } from './cron-words.js'
import { Preview } from './slot-list.js'

export type ScheduleValues = Readonly<
  Record<
    'name' | 'list' | 'cron' | 'timeZone' | 'instructions' | 'misfire' | 'overlap' | 'pauseAfter' | 'jitter',
    string
  >
>

export function readValues(form: FormFields): ScheduleValues {
  return {
    name: form.text('name'),
    list: form.text('list'),
    cron: form.text('cron'),
    timeZone: form.text('timeZone'),
    instructions: form.text('instructions'),
    misfire: form.text('misfire'),
    overlap: form.text('overlap'),
    pauseAfter: form.text('pauseAfter'),
    jitter: form.text('jitter'),
  }
}

export function valuesOfSchedule(schedule: Schedule): ScheduleValues {
  return {
    name: schedule.name,
    list: schedule.list,
    cron: schedule.cron,
    timeZone: schedule.timeZone,
    instructions: schedule.instructions ?? '',
    misfire: schedule.misfire,
    overlap: schedule.overlap,
    pauseAfter: schedule.pauseAfterFailures === null ? '' : String(schedule.pauseAfterFailures),
    jitter: schedule.jitterMs === 0 ? '' : String(schedule.jitterMs / 60_000),
  }
}

/** Throws InputError that names the field. */
export function toDefinition(values: ScheduleValues): Omit<ScheduleDefinition, 'isPaused'> {
  const { name, list, cron, timeZone, instructions } = values
  if (!idPattern.test(name)) {
    throw new InputError(`Name: “${name}” can’t be a name; use lower-case letters, digits, - and _, at most 40.`)
  }
  if (!isCron(cron)) throw new InputError(`When: “${cron}” is not a cron expression; 0 6 * * 1-5 is 6:00 on weekdays.`)
  if (!isTimeZone(timeZone)) throw new InputError(`Time zone: “${timeZone}” is none; write one such as Europe/Berlin.`)
  if (instructions.length > 2_000) throw new InputError('Instructions: at most 2000 characters.')
  const count = (text: string, label: string, max: number) => {
    if (text === '') return null
    if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > max) {
      throw new InputError(`${label}: write a whole number from 1 to ${max}, or leave it blank.`)
    }
    return Number(text)
  }
  return {
    name,
    list,
    cron,
    timeZone,
    instructions: instructions === '' ? null : instructions,
    misfire: values.misfire === 'skip' || values.misfire === 'run_all' ? values.misfire : 'run_once',
    overlap: values.overlap === 'queue' ? 'queue' : 'skip',
    pauseAfterFailures: count(values.pauseAfter, 'Pause after failures', 1_000),
    jitterMs: (count(values.jitter, 'Up to so many minutes later', 1_440) ?? 0) * 60_000,
  }
}

interface ScheduleFormProps {
  readonly action: string
  readonly values: ScheduleValues
  readonly lists: readonly ListView[]
  readonly preview: CronPreview
  readonly problem: string | null
  readonly isNew: boolean
  readonly now: Date
}

export function ScheduleForm({ action, values, lists, preview, problem, isNew, now }: ScheduleFormProps) {
  return (
    <Form action={action}>
      <Problem text={problem} />
      <div class="columns">
        <div class="fields">
          {isNew ? (
            <Field
              label="Name"
              name="name"
              value={values.name}
              isRequired
              maxLength={40}
              hint="lower-case letters, digits, - and _"
            />
          ) : (
            <input type="hidden" name="name" value={values.name} />
          )}
          <Select
            label="List"
            name="list"
            value={values.list}
            options={lists.map(({ id, name }) => ({ value: id, text: name }))}
          />
          <div class="field">
            <label>
              When
              <input
                type="text"
                name="cron"
                value={values.cron}
                required
                maxlength={100}
                autocomplete="off"
                spellcheck={false}
                list="cron-examples"
                aria-describedby="cron-hint preview"
              />
            </label>
            <datalist id="cron-examples">
              <option value="0 6 * * *">every day at 6:00</option>
              <option value="0 6 * * 1-5">on weekdays at 6:00</option>
              <option value="0 6,15 * * *">every day at 6:00 and 15:00</option>
              <option value="0 7 * * 1">on Mondays at 7:00</option>
              <option value="0 7 1 * *">on the first of the month at 7:00</option>
            </datalist>
            <span class="hint" id="cron-hint">
              minute, hour, day of month, month, day of week
            </span>
          </div>
          <Field
            label="Time zone"
            name="timeZone"
            value={values.timeZone}
            isRequired
            maxLength={64}
            hint="whose wall clock"
          />
        </div>
        <section class="card" aria-labelledby="preview-title">
          <h2 id="preview-title">When it runs</h2>
          <div
            id="preview"
            aria-live="polite"
            hx-get="/schedules/preview"
            hx-trigger="input from:closest form delay:250ms"
            hx-include="closest form"
          >
            <Preview preview={preview} timeZone={values.timeZone} now={now} />
          </div>
          <noscript>
            <button type="submit" name="only" value="preview" class="secondary" formnovalidate>
              Preview
            </button>
          </noscript>
        </section>
      </div>
      <div class="fields">
        <TextArea
          label="Instructions"
          name="instructions"
          value={values.instructions}
          hint="What the model should bear in mind, in plain words; the rules model doesn’t read them."
        />
      </div>
      <details>
        <summary>When something is in the way</summary>
        <div class="fields">
          <Select
            label="Slots that went by while nobody was there"
            name="misfire"
            value={values.misfire}
            options={[
              { value: 'run_once', text: 'run once for all of them' },
              { value: 'skip', text: 'leave them out' },
              { value: 'run_all', text: 'run each of them' },
            ]}
          />
          <Select
            label="A slot that comes while a run is at work"
            name="overlap"
            value={values.overlap}
            options={[
              { value: 'skip', text: 'is left out' },
              { value: 'queue', text: 'waits for it' },
            ]}
          />
          <Field
            label="Pause after failures"
            name="pauseAfter"
            type="number"
            value={values.pauseAfter}
            hint="so many in a row; blank: never"
          />
          <Field
            label="Up to so many minutes later"
            name="jitter"
            type="number"
            value={values.jitter}
            hint="by chance, so that not all start at once; blank: on time"
          />
        </div>
      </details>
      <p class="actions">
        <button type="submit">{isNew ? 'Make the schedule' : 'Save'}</button>
      </p>
    </Form>
  )
}
