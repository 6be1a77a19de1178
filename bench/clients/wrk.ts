import type { Launch } from '../rig/process.ts'

export interface WrkOptions {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly cores: readonly number[]
}

/** wrk with one thread: the measure of what a client without a script can do. */
export const wrkLaunch = (options: WrkOptions): Launch => ({
  command: 'wrk',
  args: ['-t1', `-c${options.connections}`, `-d${options.seconds}s`, options.url],
  cores: options.cores,
})
