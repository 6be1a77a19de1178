/** Two runs over each other. */
export function ComparePage({
  base,
  candidate,
}: {
  readonly base: string
  readonly candidate: string
}) {
  return (
    <p class="empty">
      {base} and {candidate}
    </p>
  )
}
