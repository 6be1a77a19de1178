import type { SetupContext, User } from './script/user.ts'

/** A user as the engine hands it to erased script functions. */
export type AnyUser = User<unknown, Readonly<Record<string, unknown>>>

/** The functions of one scenario, from the loaded bundle. Same order as ScenarioPlan.tasks. */
export interface ScenarioFunctions {
  readonly onStart: ((user: AnyUser) => unknown) | undefined
  readonly tasks: readonly ((user: AnyUser) => unknown)[]
  readonly onStop: ((user: AnyUser) => unknown) | undefined
}

/** What a worker needs of a script: its functions, by scenario name. */
export interface ScriptModule {
  readonly scenarios: ReadonlyMap<string, ScenarioFunctions>
  readonly setup: ((context: SetupContext) => unknown) | undefined
  readonly teardown: ((context: SetupContext, setup: unknown) => unknown) | undefined
  /** 'checkout.ts:12:9: TypeError: x is not a function': the script's own file, line and column. */
  describeError(thrown: unknown): string
}
