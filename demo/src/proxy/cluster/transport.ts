import { connect as netConnect, type Socket } from 'node:net'
import { connect as tlsConnect, createSecureContext, type SecureContext } from 'node:tls'
import type { ProxyCertificate } from '../contract.ts'
import { serviceOf } from '../spiffe.ts'

/** How the endpoints of a cluster are connected to. */
export type Transport =
  | { readonly kind: 'plain' }
  /** Mutual TLS; the endpoint must have a certificate of this service. */
  | { readonly kind: 'tls'; readonly service: string }

/** One socket that is being connected, and what its end is called. */
export interface Connecting {
  readonly socket: Socket
  readonly connectedEvent: 'connect' | 'secureConnect'
  /** Whether a TLS session was resumed; known once connected. */
  readonly sessionReused: () => boolean
}

/** The identity that a proxy shows; reading the PEM texts is done once. */
export class ClientIdentity {
  readonly #context: SecureContext

  constructor(certificate: ProxyCertificate) {
    this.#context = createSecureContext({
      cert: certificate.certificatePem,
      key: certificate.keyPem,
      ca: certificate.authorityPem,
    })
  }

  /**
   * Connects with TLS and resumes `session` if there is one. A peer whose certificate is not of
   * `service` is refused; a session exists only where that was seen before.
   */
  connect(options: {
    readonly host: string
    readonly port: number
    readonly service: string
    readonly session: Buffer | undefined
    readonly onSession: (session: Buffer) => void
  }): Connecting {
    const { host, port, service, session } = options
    const socket = tlsConnect({
      ...{ host, port, secureContext: this.#context },
      ...(session ? { session } : {}),
      // Without a name Node would take the address; the certificate has none.
      servername: service,
      checkServerIdentity: (_host, peer) => {
        const seen = serviceOf(peer.subjectaltname)
        return seen === service ? undefined : new WrongServiceError(service, seen)
      },
    })
    socket.setNoDelay(true)
    socket.on('session', options.onSession)
    const sessionReused = () => socket.isSessionReused()
    return { socket, connectedEvent: 'secureConnect', sessionReused }
  }
}

/** The peer has a good certificate, but of another service. */
export class WrongServiceError extends Error {
  constructor(service: string, seen: string | undefined) {
    super(`the certificate is of ${seen ?? 'no service'}, not of ${service}`)
  }
}

export function connectPlain(host: string, port: number): Connecting {
  const socket = netConnect({ host, port, noDelay: true })
  return { socket, connectedEvent: 'connect', sessionReused: () => false }
}
