/** A time zone, with all there are to choose from. On a fresh form the browser's own is filled in. */
export function TimeZoneField({ name, value, isFresh }: { name: string; value: string | undefined; isFresh: boolean }) {
  return (
    <div class="field">
      <label>
        Time zone
        <input
          type="text"
          name={name}
          value={value}
          required
          maxlength={64}
          list={`zones-${name}`}
          autocomplete="off"
          data-time-zone={isFresh ? '' : undefined}
        />
      </label>
      <datalist id={`zones-${name}`}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option value={zone} />
        ))}
      </datalist>
    </div>
  )
}
