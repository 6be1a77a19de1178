import type { RunPage } from '../../src/server/api.ts'
import { bytesOfBase64, Framing } from './framing.ts'

export interface Embedded {
  readonly page: RunPage
  readonly seconds: readonly Uint8Array[]
  /** Seconds that one stored point stands for. */
  readonly spanSeconds: number
}

/** The run that `htmlReport` put into this page. */
export async function readEmbedded(document: Document): Promise<Embedded> {
  const text = (id: string) => document.querySelector(`#${id}`)?.textContent ?? ''
  const { page, spanSeconds } = JSON.parse(text('loadstone-page')) as Omit<Embedded, 'seconds'>
  const packed = bytesOfBase64(text('loadstone-seconds').trim())
  return { page, spanSeconds, seconds: new Framing().push(await inflated(packed)) }
}

async function inflated(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed as BlobPart]).stream()
  const inflate = stream.pipeThrough(new DecompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(inflate).arrayBuffer())
}
