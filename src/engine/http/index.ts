export { openSession, RequiredExchangeFailed } from './session.ts'
export type { ClosableSession, SessionOptions, SessionUser } from './session.ts'
export type { Tracing } from './trace-context.ts'
