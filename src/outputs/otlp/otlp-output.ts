import { Delivery } from '../delivery/delivery.ts'
import { metricsOf } from './families-to-metrics.ts'
import { encodeMetrics, otlpContentTypes } from './otlp-messages.ts'
import { resourceOf } from './resource.ts'
import type { MetricsOutput, OutputPlace } from '../output.ts'
import type { OutputTarget } from '../output-target.ts'

/** Metrics over OTLP/HTTP, cumulative from run start. */
export function otlpOutput(target: OutputTarget, place: OutputPlace): MetricsOutput {
  const { clock, targets, otlp } = place
  const { encoding, exponential } = otlp
  const delivery = new Delivery({
    ...{ url: target.url, clock },
    headers: otlpHeaders(target, place, otlp.metricHeaders),
  })
  const resource = otlpResource(place)
  const scope = { name: 'loadstone', version: place.run.loadstoneVersion }
  return {
    shown: target.shown,
    send: (families, moment) => {
      const metrics = metricsOf(families, moment, { targets, exponential })
      const request = { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }
      delivery.add({ body: encodeMetrics(request, encoding), items: 1 })
    },
    close: boundUs => delivery.close(boundUs),
  }
}

export function otlpResource({ run, otlp }: OutputPlace) {
  return resourceOf({
    ...run,
    ...{ runId: run.id, serviceName: otlp.serviceName, attributes: otlp.resourceAttributes },
  })
}

export function otlpHeaders(
  { authorization }: OutputTarget,
  { otlp, run }: OutputPlace,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    'user-agent': `loadstone/${run.loadstoneVersion}`,
    ...(authorization === undefined ? {} : { authorization }),
    ...given,
    'content-type': otlpContentTypes[otlp.encoding],
  }
}
