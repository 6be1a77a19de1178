import { batch, signal, type Signal } from '@preact/signals'
import { decodeSecond, type RunSecond } from '../../src/metrics/index.ts'
import type { RunPage } from '../../src/server/api.ts'
import { keyOf, NameTotals, type Measure } from './name-totals.ts'
import { Overview } from './overview.ts'
import { pointOf, type Point } from './point.ts'
import { breath, inSlices } from './slices.ts'
import { FinerSeconds, type ReadSeconds } from './zoom/finer-seconds.ts'
import { spanOf, withFiner, type Held, type Range, type Stretch } from './zoom/stretch.ts'
import { placesToThin, thinned, type Places } from './zoom/thin.ts'

export type { Range }

export type Connection = 'stored' | 'connecting' | 'live' | 'reconnecting' | 'lost'

/** So many times at most something is merged before the next second is shown. */
const thinnedAtATime = 8

/** One name's own points, for its charts. */
export interface NameHistory {
  readonly key: string
  readonly points: readonly Point[]
}

/**
 * One run as the page holds it: the bytes of its seconds, a point of each for the charts, and the
 * totals of what is selected. Seconds that come in are added to the totals; a new selection is
 * computed again, a few milliseconds at a time. A run that is longer than its charts are wide is
 * here in merged seconds; of what is selected finer ones are read.
 */
export class RunModel {
  readonly page: Signal<RunPage>
  readonly connection = signal<Connection>('stored')
  readonly phase = signal<{ phase: string; paused: boolean } | undefined>(undefined)
  readonly range = signal<Range | undefined>(undefined)
  readonly measure = signal<Measure>('latency')
  /** Of the whole run, in order; finer where something is selected. */
  readonly points = signal<readonly Point[]>([])
  readonly overview: Signal<{ readonly of: Overview }>
  readonly names: Signal<{ readonly of: NameTotals }>
  readonly history = signal<NameHistory | undefined>(undefined)
  /** The tables do not show the selection yet. */
  readonly computing = signal(false)
  /** What is shown of the selection is coarser than what is stored. */
  readonly finer = signal<'shown' | 'reading' | 'unread'>('shown')
  /** Under the pointer, seconds since run start. */
  readonly cursor = signal<number | undefined>(undefined)
  readonly #stored: Held[] = []
  readonly #finerSeconds: FinerSeconds | undefined
  #points: readonly Point[] = []
  #namePoints: readonly Point[] = []
  #followed: string | undefined
  #stretch: Stretch | undefined
  #stretchNamePoints: readonly Point[] = []
  #reading = new AbortController()
  #wholeOverview = new Overview()
  #wholeNames = new NameTotals('latency')
  #selection = new AbortController()
  #historyWork = new AbortController()
  /** Works under way that go through what is held. */
  #readers = 0

  /** Without `read` there are no finer seconds than those that are added. */
  constructor(page: RunPage, read?: ReadSeconds) {
    this.#finerSeconds = read && new FinerSeconds(read)
    this.page = signal(page)
    this.overview = signal({ of: this.#wholeOverview })
    this.names = signal({ of: this.#wholeNames })
  }

  /** First second that is not here yet. */
  get next(): number {
    const last = this.#stored.at(-1)
    return last === undefined ? 0 : last.index + last.seconds
  }

  /** Seconds at the start that no total counts. */
  get warmUpSeconds(): number {
    return Math.ceil(this.page.value.item.warmUpUs / 1e6)
  }

  /**
   * Adds seconds in the order of the run; those that are here already are left out. A report may
   * bring the points of its charts apart from the seconds of its tables.
   */
  async add(all: readonly Uint8Array[], as: 'all' | 'points' | 'names' = 'all'): Promise<void> {
    await inSlices(all, bytes => {
      const second = decodeSecond(bytes)
      if (second.index < this.next) return
      if (as !== 'names') this.#addPoint(second)
      if (as !== 'points') this.#addNames(second, bytes)
    })
    // Reading and drawing are apart, each short enough for the reader.
    await breath()
    this.#publish()
    await breath()
  }

  /**
   * Merges the oldest of what is here when a run that goes on has become longer than its charts are
   * wide, some of it at a time; charts show that with the next second. Not while a range is
   * selected, which stays as fine as it is.
   */
  async thin(): Promise<void> {
    for (let time = 0; time < thinnedAtATime && this.#mayThin; time += 1) {
      const places = placesToThin(this.#stored, this.warmUpSeconds)
      if (places === undefined) return
      const { held, second } = await thinned(this.#stored.slice(places.from, places.to))
      if (this.#mayThin) this.#replace(places, held, second)
    }
  }

  get #mayThin(): boolean {
    return this.range.value === undefined && this.#readers === 0
  }

  #replace({ from, to }: Places, held: Held, second: RunSecond): void {
    this.#stored.splice(from, to - from, held)
    this.#points = this.#points.toSpliced(from, to - from, pointOf(second))
    const { value: history } = this.history
    if (history === undefined) return
    const point = namePoint(second, history.key)
    this.#namePoints = this.#namePoints.toSpliced(from, to - from, point)
  }

  /** What is held stays as it is while this is under way. */
  async #whole(work: Promise<void>): Promise<void> {
    this.#readers += 1
    await work.finally(() => (this.#readers -= 1))
  }

  select(range: Range | undefined): void {
    const before = this.range.value
    if (before?.from === range?.from && before?.to === range?.to) return
    this.range.value = range
    this.#findFiner()
    this.#recompute()
  }

  measureBy(measure: Measure): void {
    if (measure === this.measure.value) return
    this.measure.value = measure
    this.#recompute()
  }

  /** Computes the points of one name, and keeps them up to date; undefined ends it. */
  async follow(key: string | undefined): Promise<void> {
    this.history.value = undefined
    this.#followed = key
    await this.#whole(this.#computeHistory())
  }

  async #computeHistory(): Promise<void> {
    this.#historyWork.abort()
    this.#historyWork = new AbortController()
    const key = this.#followed
    if (key === undefined) return
    const { signal } = this.#historyWork
    const of = async (all: readonly Held[]) => {
      const points: Point[] = []
      const add = ({ bytes }: Held) => points.push(namePoint(decodeSecond(bytes), key))
      return (await inSlices(all, add, signal)) ? points : undefined
    }
    const finer = await of(this.#stretch?.held ?? [])
    const whole = this.history.value === undefined ? await of(this.#stored) : this.#namePoints
    if (whole === undefined || finer === undefined) return
    this.#namePoints = whole
    this.#stretchNamePoints = finer
    this.history.value = { key, points: withFiner(whole, this.#stretch, finer) }
  }

  #addPoint(second: RunSecond): void {
    const point = pointOf(second)
    this.#newPoints.push(point)
    if (second.index >= this.warmUpSeconds) this.#wholeOverview.add(point)
  }

  #addNames(second: RunSecond, bytes: Uint8Array): void {
    this.#stored.push({ index: second.index, seconds: second.seconds, bytes })
    if (second.index >= this.warmUpSeconds) this.#wholeNames.add(second)
    const { value: history } = this.history
    if (history) this.#newNamePoints.push(namePoint(second, history.key))
  }

  readonly #newPoints: Point[] = []
  readonly #newNamePoints: Point[] = []

  #publish(): void {
    batch(() => {
      this.#points = [...this.#points, ...this.#newPoints.splice(0)]
      this.points.value = withFiner(this.#points, this.#stretch, this.#stretch?.points ?? [])
      const { value: history } = this.history
      if (history && this.#newNamePoints.length > 0) {
        this.#namePoints = [...this.#namePoints, ...this.#newNamePoints.splice(0)]
        const points = withFiner(this.#namePoints, this.#stretch, this.#stretchNamePoints)
        this.history.value = { ...history, points }
      }
      if (this.range.value !== undefined) return
      this.overview.value = { of: this.#wholeOverview }
      if (!this.computing.value) this.names.value = { of: this.#wholeNames }
    })
  }

  /** Shows the selection in finer seconds when there are any: at once, or as soon as they came. */
  #findFiner(): void {
    this.#reading.abort()
    this.#reading = new AbortController()
    const { value: range } = this.range
    const known = range && this.#finerSeconds?.known(range)
    this.#show(known)
    this.finer.value = 'shown'
    if (range === undefined || known !== undefined || !this.#isCoarse(range)) return
    this.finer.value = 'reading'
    void this.#readFiner(range, this.#reading.signal)
  }

  async #readFiner(range: Range, signal: AbortSignal): Promise<void> {
    try {
      const read = await this.#finerSeconds?.read(range, this.warmUpSeconds, signal)
      if (read === undefined) return
      this.finer.value = 'shown'
      this.#show(read)
      this.#recompute()
    } catch (error) {
      // The page says so, and goes on with what it has.
      this.finer.value = 'unread'
      console.info(error)
    }
  }

  /** The whole run is here in wider seconds than this range could be shown in. */
  #isCoarse({ from, to }: Range): boolean {
    const span = spanOf(to - from)
    const isWider = ({ index, seconds }: Held) =>
      seconds > span && index + seconds > from && index < to
    return this.#finerSeconds !== undefined && this.#stored.some(isWider)
  }

  #show(stretch: Stretch | undefined): void {
    if (stretch === this.#stretch) return
    this.#stretch = stretch
    this.points.value = withFiner(this.#points, stretch, stretch?.points ?? [])
    void this.#whole(this.#computeHistory())
  }

  #recompute(): void {
    this.#selection.abort()
    this.#selection = new AbortController()
    const { value: range } = this.range
    const { value: measure } = this.measure
    const whole = range === undefined
    this.overview.value = {
      of: whole ? this.#wholeOverview : Overview.of(this.points.value.filter(this.#counts(range))),
    }
    if (whole && this.#wholeNames.measure === measure) {
      batch(() => {
        this.names.value = { of: this.#wholeNames }
        this.computing.value = false
      })
      return
    }
    this.computing.value = true
    const { signal } = this.#selection
    void this.#whole(this.#computeNames({ range, measure, signal }))
  }

  async #computeNames(wanted: {
    readonly range: Range | undefined
    readonly measure: Measure
    readonly signal: AbortSignal
  }): Promise<void> {
    const names = new NameTotals(wanted.measure)
    let taken = 0
    const held = this.#stretch?.held ?? this.#stored
    const counts = this.#counts(wanted.range)
    // Seconds that come in while this computes are taken along, so that none is missing after it.
    while (taken < held.length) {
      const part = held.slice(taken)
      taken = held.length
      const add = ({ bytes }: Held) => names.add(decodeSecond(bytes))
      if (!(await inSlices(part.filter(counts), add, wanted.signal))) return
    }
    batch(() => {
      if (wanted.range === undefined) this.#wholeNames = names
      this.names.value = { of: names }
      this.computing.value = false
    })
  }

  /** What belongs to a selection: never the warm-up, unless nothing else was selected. */
  #counts(range: Range | undefined): (one: { index: number; seconds: number }) => boolean {
    const { warmUpSeconds } = this
    if (range === undefined) return ({ index }) => index >= warmUpSeconds
    const from = range.to <= warmUpSeconds ? range.from : Math.max(range.from, warmUpSeconds)
    return ({ index, seconds }) => index + seconds > from && index < range.to
  }
}

const namePoint = (second: RunSecond, key: string): Point =>
  pointOf(second, series => keyOf(series) === key)
