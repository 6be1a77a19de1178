import type { Recorder } from '../../metrics/index.ts'

const checksKeptPerSeries = 100

/** The ids under which the exchanges of one name are counted. */
export class Series {
  readonly name: string
  /** Undefined when nothing is measured. */
  readonly #recorder: Recorder | undefined
  readonly #scenario: string
  readonly id: number
  #checkIds: Map<string, number> | undefined

  constructor(recorder: Recorder | undefined, scenario: string, name: string) {
    this.name = name
    this.#recorder = recorder
    this.#scenario = scenario
    this.id = recorder === undefined ? -1 : recorder.series('request', scenario, name)
  }

  /** Counts a yes/no statement about an answer; `reason` undefined: it holds. */
  recordCheck(check: string, reason: string | undefined): void {
    if (this.#recorder === undefined) return
    const id = this.#checkIds?.get(check) ?? this.#checkId(this.#recorder, check)
    this.#recorder.recordCheck(id, reason)
  }

  #checkId(recorder: Recorder, check: string): number {
    const id = recorder.check(this.#scenario, this.name, check)
    this.#checkIds ??= new Map()
    if (this.#checkIds.size < checksKeptPerSeries) this.#checkIds.set(check, id)
    return id
  }
}
