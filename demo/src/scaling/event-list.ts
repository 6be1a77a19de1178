import type { Rescale } from './scaled-service.ts'

/** Rescales as `kubectl get events -o json` shows them: a core/v1 EventList. */
export function eventList(rescales: readonly (Rescale & { readonly service: string })[]): object {
  return {
    kind: 'EventList',
    apiVersion: 'v1',
    metadata: {},
    items: rescales.map(({ service, atMs, from, to, reason }, index) => {
      const time = new Date(atMs).toISOString()
      return {
        metadata: {
          name: `${service}.${index}`,
          namespace: 'shop',
          creationTimestamp: time,
          // Kubernetes leaves the size before to the reader.
          annotations: { 'shop/from': String(from), 'shop/to': String(to) },
        },
        involvedObject: {
          kind: 'HorizontalPodAutoscaler',
          namespace: 'shop',
          name: service,
          apiVersion: 'autoscaling/v2',
        },
        reason: 'SuccessfulRescale',
        message: `New size: ${to}; reason: ${reason}`,
        source: { component: 'horizontal-pod-autoscaler' },
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        type: 'Normal',
      }
    }),
  }
}
