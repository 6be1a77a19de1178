/** Times in seconds since run start, then one list a series. */
export type ChartData = readonly [
  readonly number[],
  ...(readonly (readonly (number | null | undefined)[])[]),
]
