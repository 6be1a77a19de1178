import { compress } from 'snappyjs'
import { Delivery, type DeliveryOptions } from '../delivery/delivery.ts'
import { notNow, notNowOrBroken } from '../delivery/post.ts'
import type { MetricsOutput, OutputPlace } from '../output.ts'
import type { OutputTarget } from '../output-target.ts'
import { metadataOf, SeriesMaker } from './families-to-series.ts'
import { encodeWriteRequest, type WriteRequest } from './write-request.ts'

/**
 * Prometheus remote write 1.0. Native histograms go in requests of their own: a server that does
 * not take them refuses the first one, and the classic buckets serve.
 */
export function prometheusOutput(
  { url, authorization, shown }: OutputTarget,
  { clock, run }: OutputPlace,
): MetricsOutput {
  const series = new SeriesMaker({ job: 'loadstone', run_id: run.id })
  const nativeSeries = new SeriesMaker({ job: 'loadstone', run_id: run.id })
  const headers = {
    ...{ 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    'x-prometheus-remote-write-version': '0.1.0',
    'user-agent': `loadstone/${run.loadstoneVersion}`,
    ...(authorization === undefined ? {} : { authorization }),
  }
  const options: DeliveryOptions = { url, headers, clock, triesAgain: notNowOrBroken }
  const classic = new Delivery(options)
  const native = new Delivery({ ...options, triesAgain: notNow, optional: true })
  return {
    shown,
    send: (families, moment) => {
      const timeseries = series.classic(families, moment)
      classic.add(payloadOf({ timeseries, metadata: metadataOf(families) }))
      native.add(payloadOf({ timeseries: nativeSeries.native(families, moment) }))
    },
    close: async boundUs => {
      const [delivered] = await Promise.all([classic.close(boundUs), native.close(boundUs)])
      return delivered
    },
  }
}

const payloadOf = (request: WriteRequest) => {
  return { body: compress(encodeWriteRequest(request)), items: 1 }
}
