export { Breather } from './breather.ts'
export { clockFrom, clockFromNow, pause, wallNowUnixMs, type Clock } from './clock.ts'
export { exitCodes, type ExitCode, type ExitName } from './exit-codes.ts'
export { assert, InternalError, messageOf, UsageError } from './errors.ts'
export { logLevels, logTo, type Log, type LogLevel } from './log.ts'
export { siblingModule } from './module-url.ts'
export { nearest } from './text/nearest.ts'
export { percentDecoded } from './text/percent-decoded.ts'
export { seededRandom, type Random } from './random.ts'
export { hiddenSecret, isSecretName, withoutUrlSecrets } from './text/secrets.ts'
export { loadstoneVersion } from './version.ts'
export {
  formatBytes,
  formatDurationUs,
  parseBytes,
  parseDurationUs,
  parseRatePerSecond,
} from './text/units.ts'
