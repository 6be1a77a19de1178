import { ExchangeAborted, RequiredExchangeFailed } from '../http/script-errors.ts'
import type { SpanUser, StepSpan } from '../spans/span-maker.ts'
import { durationOfText } from './duration-texts.ts'
import type { ScenarioContext } from '../scenario/scenario-context.ts'

/** What timing needs to know of a virtual user. */
export interface TimedUser extends SpanUser {
  readonly context: ScenarioContext
  readonly pendingStartDelayUs: number
  /** What it does from now on is no part of the run: cut off, or ended. */
  readonly countsNoMore: boolean
  sleep(delayUs: number): Promise<void>
}

interface Begun {
  readonly user: TimedUser
  readonly kind: 'step' | 'poll'
  readonly name: string
  readonly span: StepSpan | undefined
  readonly seriesId: number
  readonly iteration: number
  readonly intendedAtUs: number
  readonly startedAtUs: number
}

/**
 * Times `run` as one sample of the step's series. A step fails when `run` throws or a required
 * exchange ends it; an exchange that fails and lets the script go on counts in its own series only.
 * A step with the first exchange of an iteration has the start delay in its latency, too.
 */
export async function runStep<T>(user: TimedUser, name: string, run: () => Promise<T>): Promise<T> {
  const begun = begin(user, 'step', name)
  try {
    const result = await inside(begun, run)
    record(begun, undefined)
    return result
  } catch (thrown) {
    record(begun, failureOf(thrown), thrown)
    throw thrown
  }
}

export interface PollTiming {
  readonly every: string
  readonly timeout: string
}

/**
 * Attempts begin `every` after one another (at once when an attempt took longer), never two at a
 * time. No attempt begins after `timeout`; one under way then may still succeed.
 */
export async function runPoll<T>(
  user: TimedUser,
  what: { readonly name: string; readonly timing: PollTiming },
  attempt: () => Promise<T | undefined | false>,
): Promise<T | undefined> {
  const { name, timing } = what
  const everyUs = durationOfText(timing.every, `poll "${name}": every`)
  const timeoutUs = durationOfText(timing.timeout, `poll "${name}": timeout`)
  const begun = begin(user, 'poll', name)
  try {
    const times = { everyUs, endUs: begun.startedAtUs + timeoutUs }
    const result = await inside(begun, () => attemptUntil(user, times, attempt))
    record(begun, result === undefined ? `gave up after ${timing.timeout}` : undefined)
    return result
  } catch (thrown) {
    record(begun, failureOf(thrown), thrown)
    throw thrown
  }
}

async function attemptUntil<T>(
  user: TimedUser,
  timing: { readonly everyUs: number; readonly endUs: number },
  attempt: () => Promise<T | undefined | false>,
): Promise<T | undefined> {
  const { clock } = user.context
  for (;;) {
    const attemptedAtUs = clock.nowUs()
    const result = await attempt()
    if (result !== undefined && result !== false) return result
    const nowUs = clock.nowUs()
    const nextAtUs = Math.max(nowUs, attemptedAtUs + timing.everyUs)
    await user.sleep(Math.max(0, Math.min(nextAtUs, timing.endUs) - nowUs))
    if (nextAtUs > timing.endUs) return undefined
  }
}

function begin(user: TimedUser, kind: 'step' | 'poll', name: string): Begun {
  const startedAtUs = user.context.clock.nowUs()
  return {
    user,
    kind,
    name,
    span: user.context.worker.spans?.beginStep(user),
    seriesId: user.context.seriesOf(kind, name),
    iteration: user.iteration,
    // Not 0 as long as no exchange of this iteration has taken the start delay.
    intendedAtUs: startedAtUs - user.pendingStartDelayUs,
    startedAtUs,
  }
}

/** Runs what belongs to a step or poll, so that its exchanges know. */
function inside<T>({ user, span }: Begun, run: () => Promise<T>): Promise<T> {
  return span === undefined ? run() : user.context.worker.spans!.inside(span, run)
}

const failureOf = (thrown: unknown) =>
  thrown instanceof RequiredExchangeFailed ? 'required exchange failed' : 'threw'

/**
 * What the end of the run cut off is no measurement, and after a user's end nobody counts any more.
 */
function record(begun: Begun, failure: string | undefined, thrown?: unknown): void {
  const { user, kind, name, span, ...times } = begun
  if (user.countsNoMore || thrown instanceof ExchangeAborted) return
  const endedAtUs = user.context.clock.nowUs()
  user.context.recordTimed({ ...times, endedAtUs, failure, userId: user.id })
  if (span === undefined) return
  const { startedAtUs } = times
  const ended = { kind, name, failure, startedAtUs, endedAtUs, scenario: user.context.plan.name }
  user.context.worker.spans?.endStep(user, span, ended)
}
