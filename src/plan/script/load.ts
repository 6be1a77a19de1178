/** How much load, as the script writes it; plan/ turns it into a LoadProfile. */
export type Load = UsersLoad | RateLoad | StagesLoad | IterationsLoad

export interface UsersLoad {
  readonly users: number
  readonly rate?: never
  readonly stages?: never
  readonly iterations?: never
  /** Time to start all users evenly. @default '0s' */
  readonly rampUp?: string
  /** Whole length, ramp included. */
  readonly duration: string
}

/** Open model: iterations start on schedule, answers or not. */
export interface RateLoad {
  /** '200/s', '600/m', or a number per second. */
  readonly rate: string | number
  readonly users?: never
  readonly stages?: never
  readonly iterations?: never
  readonly duration: string
  /** Ramp from 0 to `rate` first. @default '0s' */
  readonly rampUp?: string
  /** Random starts with the same mean rate, as independent visitors arrive. @default false */
  readonly poisson?: boolean
  /** More concurrent iterations than this become drops. @default 10000 */
  readonly maxUsers?: number
}

export interface StagesLoad {
  /** All by `users` or all by `rate`. `over` ramps to the level, `for` jumps to it and holds. */
  readonly stages: readonly Stage[]
  readonly users?: never
  readonly rate?: never
  readonly iterations?: never
  readonly duration?: never
  readonly poisson?: boolean
  readonly maxUsers?: number
}

export type Stage = StageLevel & StageTime
type StageLevel =
  | { readonly users: number; readonly rate?: never }
  | { readonly rate: string | number; readonly users?: never }
type StageTime =
  { readonly over: string; readonly for?: never } | { readonly for: string; readonly over?: never }

export interface IterationsLoad {
  /** In all, shared by the users as they come free. */
  readonly iterations: number
  readonly users: number
  readonly rate?: never
  readonly stages?: never
  readonly duration?: never
  /** The run ends then even if iterations are left. @default '10m' */
  readonly maxDuration?: string
}
