/** How a `loadstone` process ends; docs/errors.md shows the same table and a test compares them. */
export const exitCodes = {
  pass: 0,
  internal: 1,
  usage: 2,
  inconclusive: 96,
  invalid: 97,
  regression: 98,
  threshold: 99,
  aborted: 105,
  script: 107,
  guard: 110,
} as const

export type ExitName = keyof typeof exitCodes
export type ExitCode = (typeof exitCodes)[ExitName]
