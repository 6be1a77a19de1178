import type { FaultEntry } from '../faults/board.ts'
import type { PlannedFault } from './options.ts'
import type { ScrapeTarget } from './series/series-recorder.ts'

/** A port of the shop answered something else than was asked for. */
export class ControlError extends Error {}

interface DiscoveredTarget {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

/** The shop's control port, as anybody may use it. */
export class ControlClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Sets a fault; resolves when it acts. */
  async setFault(fault: PlannedFault, seed: number): Promise<FaultEntry> {
    const { name, parameters, random } = fault
    const order = { name, parameters, ...(random ? { random, seed } : {}) }
    return (await this.#ask('POST', '/faults', order)) as FaultEntry
  }

  /** Clears a fault; resolves when everything it did is undone. */
  async clearFault(name: string): Promise<FaultEntry> {
    return (await this.#ask('DELETE', `/faults/${name}`)) as FaultEntry
  }

  async topology(): Promise<unknown> {
    return this.#ask('GET', '/topology')
  }

  /** What Prometheus would scrape now, and the database's numbers. */
  async targets(): Promise<ScrapeTarget[]> {
    const found = (await this.#ask('GET', '/targets')) as readonly DiscoveredTarget[]
    const listed = found.flatMap(({ targets, labels }) =>
      targets.map(host => {
        const { __metrics_path__: path = '/metrics', ...shown } = labels
        return { url: `http://${host}${path}`, labels: shown }
      }),
    )
    const own = new URL('/metrics', this.#url).href
    if (listed.some(({ url }) => url === own)) return listed
    return [...listed, { url: own, labels: { service: 'postgres', shop_kind: 'database' } }]
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(new URL(path, this.#url), {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    const text = await answer.text()
    if (answer.ok) return JSON.parse(text)
    const { detail = text } = problemOf(text)
    throw new ControlError(`${method} ${path} was answered ${answer.status}: ${detail}`)
  }
}

function problemOf(text: string): { readonly detail?: string } {
  try {
    return JSON.parse(text) as { readonly detail?: string }
  } catch {
    // Not a problem document: shown as it is.
    return {}
  }
}
