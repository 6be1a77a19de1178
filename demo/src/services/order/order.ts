import type { ServiceDefinition } from '../../kit/service.ts'
import { serviceSettings } from '../../kit/settings.ts'
import { choosePayment, chooseShipping } from './checkout.ts'
import { orderSchema } from './order-tables.ts'
import { orderFromCart, orderOfUser, orderOneItem } from './placing.ts'
import { listOfUser, listOwn, show } from './reading.ts'

const definition: ServiceDefinition = {
  name: 'order',
  settings: serviceSettings({ poolConnectionsMax: 12 }),
  schema: orderSchema,
  open: () => ({
    routes: [
      { method: 'POST', path: '/checkout/shipping', handle: chooseShipping },
      { method: 'POST', path: '/checkout/payment', handle: choosePayment },
      { method: 'POST', path: '/orders/own', handle: orderOfUser },
      { method: 'POST', path: '/orders/from-cart', handle: orderFromCart },
      { method: 'POST', path: '/orders/one-item', handle: orderOneItem },
      { method: 'GET', path: '/orders/own', handle: listOwn },
      { method: 'GET', path: '/orders', handle: listOfUser },
      { method: 'GET', path: '/orders/:id', handle: show },
    ],
  }),
}
export default definition
