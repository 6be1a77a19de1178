/** What is to be put into a queue. */
export interface NewMessage<Payload = unknown> {
  readonly topic: string
  /** Kept as JSON. */
  readonly payload: Payload
  /** Messages of one key are worked in order when the service's `ordered` setting says so. */
  readonly partitionKey?: string | undefined
  /** Trace context of whoever put it in: 'traceparent' and the like. */
  readonly trace?: Readonly<Record<string, string>> | undefined
}

/** A message in the hands of a consumer. */
export interface Message<Payload = unknown> {
  readonly id: string
  readonly topic: string
  readonly payload: Payload
  readonly trace: Readonly<Record<string, string>>
  /** Undefined for a message without a key. */
  readonly partition: number | null
  /** This one included: 1 at first. */
  readonly tries: number
  /** From its enqueueing until it was taken, earlier tries included. */
  readonly waitedMs: number
}

/** Thrown by a consumer's work: not now. The try does not count. */
export class Postponed extends Error {
  readonly pauseMs: number

  constructor(reason: string, pauseMs: number) {
    super(reason)
    this.name = 'Postponed'
    this.pauseMs = pauseMs
  }
}

/** Thrown by a consumer's work: no further try can help. */
export class Unworkable extends Error {
  override readonly name = 'Unworkable'
}
