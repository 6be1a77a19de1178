import { request as httpRequest } from 'node:http'
import { Problem } from '../../kit/http/problem.ts'

/** What becomes of a notify_webhook. */
export type Webhook =
  | { readonly kind: 'none' }
  | { readonly kind: 'accepted'; readonly url: string }
  | { readonly kind: 'ignored'; readonly reason: string }

/**
 * A webhook is called only on this machine: a demo must not be made to send requests to others.
 * Elsewhere it is ignored, and the answer says so; what is no URL at all is refused with 400.
 */
export function readWebhook(text: string | undefined): Webhook {
  if (text === undefined) return { kind: 'none' }
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Problem(400, `notify_webhook must be an http or https URL, not ${text}`)
  }
  if (!isLoopback(url.hostname)) {
    return { kind: 'ignored', reason: `${url.hostname} is not this machine: 127.0.0.1 is called` }
  }
  if (url.protocol !== 'http:') return { kind: 'ignored', reason: 'only http: is called here' }
  return { kind: 'accepted', url: url.href }
}

/** As URL writes hosts: every spelling of 127.0.0.0/8 is four numbers, ::1 is in brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/** Posts JSON; follows no redirect. Throws a Problem unless the answer is 2xx. */
export async function postWebhook(
  url: string,
  body: Readonly<Record<string, unknown>>,
  options: { readonly timeoutMs: number; readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(body))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const outgoing = httpRequest(url, {
    method: 'POST',
    agent: false,
    signal: AbortSignal.timeout(options.timeoutMs),
    headers: {
      ...options.headers,
      ...{ 'content-type': 'application/json', 'content-length': bytes.length },
    },
  })
  outgoing.on('error', error => {
    const late = error.name === 'TimeoutError' || error.name === 'AbortError'
    const why = late ? `did not answer within ${options.timeoutMs} ms` : error.message
    reject(new Problem(late ? 504 : 502, `the webhook ${why}`))
  })
  outgoing.on('response', incoming => {
    // What it says does not matter, only that it has said it.
    incoming.resume()
    incoming.on('error', error => reject(new Problem(502, `the webhook broke: ${error.message}`)))
    incoming.on('end', () => resolve(incoming.statusCode ?? 0))
  })
  outgoing.end(bytes)
  const status = await promise
  if (status < 200 || status > 299) throw new Problem(502, `the webhook answered ${status}`)
}
