export const logLevels = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** Where log lines go. The CLI prints them above the live table; workers send them as messages. */
export type Log = { readonly [Level in LogLevel]: (message: string) => void }

/** A log that hands each line of `level` or more serious to `write`. */
export function logTo(write: (level: LogLevel, message: string) => void, level: LogLevel): Log {
  const wanted = logLevels.indexOf(level)
  const at = (line: LogLevel) => (message: string) => {
    if (logLevels.indexOf(line) <= wanted) write(line, message)
  }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}
