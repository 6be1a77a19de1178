import { percentDecoded } from '../../base/index.ts'
import { keyValues, type Resource } from './otlp-messages.ts'

export interface ResourceFacts {
  readonly runId: string
  readonly script: string
  readonly loadstoneVersion: string
  readonly tags: Readonly<Record<string, string>>
  /** OTEL_SERVICE_NAME. @default 'loadstone' */
  readonly serviceName: string | undefined
  /** OTEL_RESOURCE_ATTRIBUTES. */
  readonly attributes: Readonly<Record<string, string>>
}

/** Who speaks: service.name and the run. */
export function resourceOf(facts: ResourceFacts): Resource {
  const tags = Object.entries(facts.tags).map(([key, value]) => [`loadstone.tag.${key}`, value])
  return {
    attributes: keyValues({
      ...facts.attributes,
      ...(Object.fromEntries(tags) as Record<string, string>),
      'service.name': facts.serviceName ?? facts.attributes['service.name'] ?? 'loadstone',
      'service.version': facts.loadstoneVersion,
      'loadstone.run.id': facts.runId,
      'loadstone.script': facts.script,
    }),
  }
}

/** 'a=1,b=x%20y', as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS are written. */
export function parsePairs(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap(pair => {
    const at = pair.indexOf('=')
    if (at < 1) return []
    return [[pair.slice(0, at).trim(), percentDecoded(pair.slice(at + 1).trim())] as const]
  })
  return Object.fromEntries(pairs)
}
