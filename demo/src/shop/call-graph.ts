import type { ServiceName } from '../services.ts'

type CallKind = 'http' | 'queue' | 'database'

export interface Call {
  readonly from: ServiceName
  readonly to: ServiceName | 'postgres'
  readonly kind: CallKind
}

const http: Partial<Record<ServiceName, readonly ServiceName[]>> = {}

/** Who calls whom in a healthy shop, as its code says. */
export const callGraph: readonly Call[] = Object.entries(http).flatMap(([from, all]) =>
  all.map(to => ({ from: from as ServiceName, to, kind: 'http' as const })),
)
