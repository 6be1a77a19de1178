import type { FromProxy, ProxyConfig, ProxyIdentity } from '../../proxy/contract.ts'
import type { ServiceName } from '../../services.ts'
import { Child } from '../child.ts'
import { isSame, portInUse } from './instance.ts'

const stopMs = 6_000

/** One proxy: before a service with several processes, a sidecar, or the one before the gateway. */
export class ProxyProcess {
  readonly name: ServiceName | 'ingress'
  inboundUrl = ''
  outboundUrl = ''
  adminUrl = ''
  readonly #child: Child
  readonly #identity: ProxyIdentity
  #config: ProxyConfig | undefined

  constructor(options: {
    readonly name: ServiceName | 'ingress'
    readonly identity: ProxyIdentity
    readonly onExit: (child: Child) => void
  }) {
    this.name = options.name
    this.#identity = options.identity
    this.#child = new Child({
      name: this.id,
      module: new URL('../../proxy/main.ts', import.meta.url),
      onExit: options.onExit,
    })
  }

  get id(): string {
    return `${this.name}-proxy`
  }

  get pid(): number {
    return this.#child.pid
  }

  /** Resolves once it listens; rejects when it cannot. */
  async listen(): Promise<void> {
    const listening = this.#child.first<FromProxy, true>(message => {
      if (message.kind === 'failed') throw this.#failure(message)
      if (message.kind !== 'listening') return undefined
      this.inboundUrl = message.inboundUrl
      this.outboundUrl = message.outboundUrl
      this.adminUrl = message.adminUrl
      return true
    })
    this.#child.send(this.#identity)
    await listening
  }

  /** Resolves once it works as told; nothing is sent when nothing differs. */
  async tell(config: ProxyConfig): Promise<void> {
    const before = this.#config
    if (before && isSame(before, config)) return
    this.#config = config
    if (before) return this.#child.change(config)
    const ready = this.#child.first<FromProxy, true>(message => {
      if (message.kind === 'failed') throw this.#failure(message)
      return message.kind === 'ready' ? true : undefined
    })
    this.#child.send(config)
    await ready
  }

  stop(): Promise<void> {
    return this.#child.stop({ by: 'signal', withinMs: stopMs })
  }

  #failure(failure: { readonly code: string; readonly message: string }): Error {
    if (failure.code === 'EADDRINUSE') return portInUse(this.#identity.port)
    return new Error(`${this.id} did not start: ${failure.message}`)
  }
}
