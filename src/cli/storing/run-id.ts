import { randomBytes } from 'node:crypto'

/** '20260102-030405-9f3a1c': sorts by time (UTC), and two runs of one second differ. */
export function newRunId(nowUnixMs: number): string {
  const [day = '', time = ''] = new Date(nowUnixMs).toISOString().split(/[T.]/)
  const digits = (text: string) => text.replace(/\D/g, '')
  return `${digits(day)}-${digits(time)}-${randomBytes(3).toString('hex')}`
}
