/** A field for words to look for. `label` is for those who do not see what it says in it. */
export function SearchField(props: {
  readonly label: string
  readonly placeholder: string
  readonly value: string
  readonly onSearch: (text: string) => void
}) {
  return (
    <label class="search screen-only">
      <span class="unseen">{props.label}</span>
      <input
        type="search"
        placeholder={props.placeholder}
        value={props.value}
        onInput={event => props.onSearch(event.currentTarget.value)}
      />
    </label>
  )
}
