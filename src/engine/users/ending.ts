import type { Clock } from '../../base/index.ts'
import type { Population } from './population.ts'

/** An iteration that was cut off gets this long to return through its own code. */
const settleUs = 250_000
/** From the deadline to the end of every onStop. */
const onStopUs = 2_000_000

/**
 * Sees to it that users end: until the deadline by themselves, then cut off, then given up.
 *
 *   declared end or stop ── stop timeout ── deadline ── 0.25 s ── 2 s
 *        no new iterations                 cut off    iterations   users
 *                                                     given up     given up
 */
export class Ending {
  readonly #population: Population
  readonly #clock: Clock
  #deadlineUs = Infinity
  #cancel: () => void = () => {}
  #cutOff = false

  constructor(population: Population) {
    this.#population = population
    this.#clock = population.context.clock
  }

  /** Sets the deadline; a later one than before changes nothing. */
  by(deadlineUs: number): void {
    if (deadlineUs >= this.#deadlineUs || this.#cutOff) return
    this.#deadlineUs = deadlineUs
    this.#cancel()
    this.#cancel = this.#clock.after(deadlineUs - this.#clock.nowUs(), () => this.#atDeadline())
  }

  /** Everything has ended: lets go of the timer. */
  done(): void {
    this.#cancel()
  }

  #atDeadline(): void {
    this.#cutOff = true
    this.#cancel = this.#clock.after(settleUs, () => {
      this.#cancel = this.#clock.after(onStopUs - settleUs, () => this.#giveUp())
      this.#population.giveUpIterations()
    })
    this.#population.abort()
  }

  #giveUp(): void {
    const left = this.#population.giveUpUsers()
    if (left > 0) {
      const { log, plan } = this.#population.context
      log.warn(`scenario ${plan.name}: onStop of ${left} users did not end in time`)
    }
  }
}
