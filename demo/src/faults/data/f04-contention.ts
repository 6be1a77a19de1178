import type { Fault } from '../fault.ts'
import { choice, number } from '../parameters.ts'

export const hotRow: Fault = {
  name: 'hot-row',
  family: 'F04',
  about: 'every reservation of a region adds to the same row, and holds it to the end',
  symptom: 'reservations and orders wait for each other; reading the stock is as fast as ever',
  parameters: {
    looks: number('looks for what runs low while a reservation has the row', {
      ...{ default: 100, min: 0, max: 1_000, drawn: [80, 160] },
    }),
  },
  label: () => ({ service: 'inventory', pattern: 'P04', resource: 'row region_counts' }),
  set: (surface, { looks }) =>
    surface.changeService(
      { service: 'inventory' },
      { countByRegion: true, looksWhileCounted: Number(looks) },
    ),
}

export const longTransactions: Fault = {
  name: 'long-transactions',
  family: 'F04',
  about: 'a reservation asks another service while it has the rows of its goods locked',
  symptom: 'reservations of the same goods wait for each other; others and reads do not',
  parameters: {
    asks: number('questions to pricing, one after the other, while the rows are locked', {
      ...{ default: 60, min: 1, max: 1_000, drawn: [60, 150] },
    }),
  },
  label: () => ({ service: 'inventory', pattern: 'P04', resource: 'rows of stock' }),
  set: (surface, { asks }) =>
    surface.changeService({ service: 'inventory' }, { asksWhileLocked: Number(asks) }),
}

const tables = {
  stock: { service: 'inventory', table: 'shop_inventory.stock' },
  orders: { service: 'order', table: 'shop_order.orders' },
  cart_items: { service: 'cart', table: 'shop_cart.cart_items' },
} as const

export const tableLock: Fault = {
  name: 'table-lock',
  family: 'F04',
  about: 'a maintenance job locks a table against writes, again and again, and keeps it locked',
  symptom: 'writes to the table stand still for as long as it has the lock; reads go on',
  parameters: {
    table: choice('which one', ['stock', 'orders', 'cart_items']),
    holdMs: number('how long it keeps the lock each time', {
      ...{ default: 800, min: 1, max: 60_000, drawn: [600, 2_500] },
    }),
    pauseMs: number('how long it leaves the table alone', {
      ...{ default: 400, min: 1, max: 60_000, drawn: [200, 1_000] },
    }),
  },
  label: ({ table }) => {
    const { service, table: name } = tables[table as keyof typeof tables]
    return { service, pattern: 'P04', resource: `table ${name}` }
  },
  set: async (surface, { table, holdMs, pauseMs }) => {
    const actor = await surface.startActor({
      name: 'table-lock',
      module: new URL('../actors/table-lock.ts', import.meta.url),
      args: {
        ...{ database: surface.database, table: tables[table as keyof typeof tables].table },
        ...{ holdMs: Number(holdMs), pauseMs: Number(pauseMs) },
      },
    })
    return () => actor.stop()
  },
}
