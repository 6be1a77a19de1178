import type { ServiceContext, ServiceDefinition, ServiceRoutes } from '../../kit/service.ts'
import { saveDraft } from './drafts.ts'
import { notifierFor } from './notifier.ts'
import { orderSettings } from './order-settings.ts'
import { orderSchema } from './order-tables.ts'
import { orderFromCart, orderOfUser, orderOneItem } from './placing.ts'
import { listOfUser, listOwn, show } from './reading.ts'

const definition: ServiceDefinition = {
  name: 'order',
  settings: orderSettings,
  schema: orderSchema,
  open,
}
export default definition

function open({ metrics }: ServiceContext): ServiceRoutes {
  const notify = notifierFor(metrics.registry)
  return {
    routes: [
      { method: 'POST', path: '/drafts', handle: saveDraft },
      { method: 'POST', path: '/orders/own', handle: request => orderOfUser(request, notify) },
      {
        ...{ method: 'POST', path: '/orders/from-cart' },
        handle: request => orderFromCart(request, notify),
      },
      { method: 'POST', path: '/orders/one-item', handle: orderOneItem },
      { method: 'GET', path: '/orders/own', handle: listOwn },
      { method: 'GET', path: '/orders', handle: listOfUser },
      { method: 'GET', path: '/orders/:id', handle: show },
    ],
  }
}
