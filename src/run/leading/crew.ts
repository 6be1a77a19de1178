import { assert, type Clock } from '../../base/index.ts'
import type { FromWorker, ToWorker } from '../messages.ts'
import type { WorkerLink } from '../transport.ts'

/** 'gone': lost, crashed or given up; whatever it measured before stays. */
export type MemberState = 'preparing' | 'ready' | 'running' | 'ended' | 'gone'

interface Member {
  readonly link: WorkerLink
  state: MemberState
  lastHeardUs: number
  /** Set once the line was ended. */
  closed: Promise<void> | undefined
}

export interface Gone {
  readonly worker: number
  readonly reason: string
  /** Who is to blame, where the worker itself could say so. */
  readonly blame: 'us' | 'script' | 'unknown'
  /** What it was doing. */
  readonly before: MemberState
}

export interface CrewEvents {
  /** Every message, after the crew has noted what it says about its worker's state. */
  readonly onMessage: (message: FromWorker) => void
  /** Once per worker. */
  readonly onGone: (gone: Gone) => void
}

/** The workers of one run and the state each is in. */
export class Crew {
  readonly #clock: Clock
  readonly #events: CrewEvents
  readonly #members: readonly Member[]
  readonly #waiting = new Set<() => void>()

  constructor(links: readonly WorkerLink[], clock: Clock, events: CrewEvents) {
    this.#clock = clock
    this.#events = events
    this.#members = links.map(link => ({
      link,
      state: 'preparing',
      lastHeardUs: clock.nowUs(),
      closed: undefined,
    }))
    for (const member of this.#members) {
      member.link.onMessage(message => this.#receive(member, message))
      member.link.onLost(reason => this.#leave(member, reason, 'unknown'))
    }
  }

  get size(): number {
    return this.#members.length
  }

  /** Sends to every worker that is not gone. */
  sendAll(message: (worker: number) => ToWorker): void {
    for (const { link, state } of this.#members) {
      if (state !== 'gone') link.send(message(link.worker))
    }
  }

  send(worker: number, message: ToWorker): void {
    this.#member(worker).link.send(message)
  }

  /** The workers have been told to start. */
  started(): void {
    for (const member of this.#members) {
      if (member.state === 'ready') member.state = 'running'
      member.lastHeardUs = this.#clock.nowUs()
    }
  }

  /** Whether every worker is in one of these states. */
  all(...states: readonly MemberState[]): boolean {
    return this.#members.every(member => states.includes(member.state))
  }

  stateOf(worker: number): MemberState {
    return this.#member(worker).state
  }

  /**
   * Gives up every worker that is in one of the states and was silent for that long; returns their
   * indexes.
   */
  giveUp(states: readonly MemberState[], silentForUs: number, reason: string): number[] {
    const nowUs = this.#clock.nowUs()
    const silent = this.#members.filter(
      ({ state, lastHeardUs }) => states.includes(state) && nowUs - lastHeardUs >= silentForUs,
    )
    for (const member of silent) this.#leave(member, reason, 'unknown')
    return silent.map(({ link }) => link.worker)
  }

  /**
   * Resolves with true as soon as `done` holds (asked after every message), or with false after
   * `timeoutUs`. Aborting the signal asks once more at once and then resolves with the answer.
   */
  until(done: () => boolean, timeoutUs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      const finish = (answer: boolean) => {
        cancel()
        this.#waiting.delete(check)
        signal?.removeEventListener('abort', giveUp)
        resolve(answer)
      }
      const check = () => {
        if (done()) finish(true)
      }
      const giveUp = () => finish(done())
      const cancel = this.#clock.after(timeoutUs, giveUp)
      this.#waiting.add(check)
      signal?.addEventListener('abort', giveUp, { once: true })
      if (signal?.aborted) giveUp()
      else check()
    })
  }

  /** Asks every `until` again: something it depends on has changed. */
  changed(): void {
    for (const check of [...this.#waiting]) check()
  }

  /** Resolves when every worker has truly ended. */
  async close(): Promise<void> {
    this.sendAll(() => ({ kind: 'close' }))
    await Promise.all(this.#members.map(member => (member.closed ??= member.link.close())))
  }

  #receive(member: Member, message: FromWorker): void {
    if (member.state === 'gone') return
    member.lastHeardUs = this.#clock.nowUs()
    if (message.kind === 'ready') member.state = 'ready'
    if (message.kind === 'ended') member.state = 'ended'
    if (message.kind === 'crashed') return this.#leave(member, message.message, message.blame)
    this.#events.onMessage(message)
    this.changed()
  }

  #leave(member: Member, reason: string, blame: Gone['blame']): void {
    if (member.state === 'gone') return
    const before = member.state
    member.state = 'gone'
    // Ended at once: a worker that nobody listens to must not go on making load.
    member.closed = member.link.close()
    this.#events.onGone({ worker: member.link.worker, reason, blame, before })
    this.changed()
  }

  #member(worker: number): Member {
    const member = this.#members[worker]
    assert(member !== undefined, `there is no worker ${worker}`)
    return member
  }
}
