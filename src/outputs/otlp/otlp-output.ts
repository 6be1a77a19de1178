import { UsageError } from '../../base/index.ts'
import { Delivery, type DeliveryOptions } from '../delivery/delivery.ts'
import { notNow } from '../delivery/post.ts'
import { metricsOf } from './families-to-metrics.ts'
import { encodeMetrics, otlpContentTypes } from './otlp-messages.ts'
import { rejectedOf } from './partial-success.ts'
import { resourceOf } from './resource.ts'
import type { MetricsOutput, OutputPlace } from '../output.ts'
import type { OutputTarget } from '../output-target.ts'

/** Metrics over OTLP/HTTP, cumulative from run start. */
export function otlpOutput(target: OutputTarget, place: OutputPlace): MetricsOutput {
  const { targets, otlp } = place
  const { encoding, exponential } = otlp
  const delivery = new Delivery({
    ...otlpDelivery(target, place, otlp.metricHeaders),
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

/** How either kind of OTLP is delivered; `given` are headers of OpenTelemetry's environment. */
export function otlpDelivery(
  target: OutputTarget,
  { otlp, run, clock }: OutputPlace,
  given: Readonly<Record<string, string>>,
): DeliveryOptions {
  const { url, authorization } = target
  for (const [name, value] of Object.entries(given)) {
    if (!canBeSent(name, value)) throw unsendable(name, target)
  }
  return {
    ...{ url, clock, triesAgain: notNow },
    rejectedOf: answer => rejectedOf(answer, otlp.encoding),
    headers: {
      'user-agent': `loadstone/${run.loadstoneVersion}`,
      ...(authorization === undefined ? {} : { authorization }),
      ...given,
      'content-type': otlpContentTypes[otlp.encoding],
    },
  }
}

function canBeSent(name: string, value: string): boolean {
  try {
    return new Headers({ [name]: value }).has(name)
  } catch {
    return false
  }
}

/** Its value may be a secret. */
const unsendable = (name: string, { shown }: OutputTarget) =>
  new UsageError(
    'HEADER',
    `--out ${shown}: the header "${name}" of OTEL_EXPORTER_OTLP_HEADERS cannot be sent: its name ` +
      `or its value has a character that no header may have`,
  )
