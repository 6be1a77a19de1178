import type { Clock } from '../../base/index.ts'
import type { ScenarioPlan } from '../../plan/index.ts'
import type { ConnectionGuard } from '../connection-guard.ts'
import {
  createHttp1Client,
  type Answer,
  type ExchangeClient,
  type ExchangeRequest,
} from '../../protocols/index.ts'

/** To one origin; further exchanges wait for a connection, which counts in their latency. */
const connectionsAtMost = {
  /** As browsers do. */
  perUser: 6,
  /** A pool like a gateway's. */
  shared: 1000,
  perRequest: 1_000_000,
} satisfies Record<ScenarioPlan['connections'], number>

export interface ClientPlace {
  readonly clock: Clock
  readonly guard: ConnectionGuard
}

/** A client as the scenario declares it, without connections yet. */
export function openClient(plan: ScenarioPlan, { clock, guard }: ClientPlace): ExchangeClient {
  const { connections, tls, proxy } = plan
  const keepAlive = connections !== 'perRequest'
  const maxConnectionsPerOrigin = connectionsAtMost[connections]
  return createHttp1Client({ clock, tls, proxy, keepAlive, maxConnectionsPerOrigin, ...guard })
}

/** The connections of one scenario's users on this worker. */
export class ScenarioClients {
  readonly #open: () => ExchangeClient
  readonly #shared: RenewableClient | undefined

  constructor(plan: ScenarioPlan, place: ClientPlace) {
    this.#open = () => openClient(plan, place)
    this.#shared = plan.connections === 'perUser' ? undefined : new RenewableClient(this.#open)
  }

  /** The client of a new user: its own, or the one that all share. */
  forUser(): RenewableClient {
    return this.#shared ?? new RenewableClient(this.#open)
  }

  /** Ends what belongs to one user; the shared connections stay. */
  release(client: RenewableClient): void {
    if (client !== this.#shared) client.close()
  }

  /** Ends the shared connections. */
  close(): void {
    this.#shared?.close()
  }
}

/**
 * A client that can be used again after `close`: exchanges under way end as 'aborted', the next one
 * gets new connections. So onStop and cleanup work for a user whose iteration was cut off.
 */
export class RenewableClient implements ExchangeClient {
  readonly #open: () => ExchangeClient
  #client: ExchangeClient | undefined

  constructor(open: () => ExchangeClient) {
    this.#open = open
  }

  exchange(request: ExchangeRequest, done: (answer: Answer) => void): void {
    const client = (this.#client ??= this.#open())
    client.exchange(request, done)
  }

  close(): void {
    this.#client?.close()
    this.#client = undefined
  }
}
