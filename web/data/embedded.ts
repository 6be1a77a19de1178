import { Framing } from '../../src/metrics/index.ts'
import type { ComparisonPage, RunPage } from '../../src/server/api.ts'
import { bytesOfBase64 } from './base64.ts'

export interface Embedded {
  readonly page: RunPage
  /** With its baseline, if there was one. */
  readonly comparison: ComparisonPage | undefined
  readonly seconds: readonly Uint8Array[]
  /** How many measured seconds each of them covers. */
  readonly spanSeconds: number
  /** Shorter spans with all names together, for the charts; empty when there is no need. */
  readonly outline: readonly Uint8Array[]
  readonly outlineSpanSeconds: number
}

/** The run that `htmlReport` put into this page. */
export async function readEmbedded(document: Document): Promise<Embedded> {
  const text = (id: string) => document.querySelector(`#loadstone-${id}`)?.textContent.trim() ?? ''
  const bytes = (id: string) => inflated(bytesOfBase64(text(id)))
  const seconds = async (id: string) => new Framing().push(await bytes(id))
  const compared = text('comparison') === '' ? undefined : await bytes('comparison')
  return {
    ...(JSON.parse(text('page')) as Omit<Embedded, 'comparison' | 'seconds' | 'outline'>),
    comparison: compared && (JSON.parse(new TextDecoder().decode(compared)) as ComparisonPage),
    seconds: await seconds('seconds'),
    outline: text('outline') === '' ? [] : await seconds('outline'),
  }
}

async function inflated(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed as BlobPart]).stream()
  const inflate = stream.pipeThrough(new DecompressionStream('deflate-raw'))
  return new Uint8Array(await new Response(inflate).arrayBuffer())
}
