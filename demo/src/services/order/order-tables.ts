import type { DatabaseSchema } from '../../kit/data/database.ts'

/** Customers loadtest+0@example.com to loadtest+199@example.com have bought three times before. */
const customersWithHistory = 200

/** The same id that the auth service gives to the address. */
const customerIdSql = `'usr-' || left(encode(sha256(
  ('loadtest+' || customer || '@example.com')::bytea), 'hex'), 12)`

export const orderSchema: DatabaseSchema = {
  name: 'shop_order',
  sql: `create table if not exists orders (
          id text primary key,
          user_id text not null,
          client_order_id text,
          status text not null,
          currency text not null,
          total_cents int not null default 0,
          shipping jsonb,
          tracking_id text,
          created_at timestamptz not null default now()
        );
        create unique index if not exists by_client_order_id
          on orders (user_id, client_order_id) where client_order_id is not null;
        create index if not exists by_user on orders (user_id, created_at desc);
        create table if not exists order_items (
          order_id text not null references orders on delete cascade,
          sku text not null,
          quantity int not null,
          unit_price_cents int not null,
          primary key (order_id, sku)
        );
        create table if not exists checkouts (
          user_id text primary key,
          shipping jsonb,
          payment jsonb
        );
        insert into orders (id, user_id, status, currency, total_cents, tracking_id, created_at)
          select 'ord-' || n, 'usr-demo', 'shipped', 'USD', 4999,
            (array['trk-UPS-10001', 'trk-FDX-20002', 'trk-DHL-30003'])[n - 784511],
            timestamptz '2025-06-01' + (n - 784512) * interval '1 day'
          from generate_series(784512, 784515) as n
          union all
          select 'ord-h' || customer || '-' || n, ${customerIdSql}, 'delivered', 'USD',
            1999 * n, null, timestamptz '2025-05-01' + customer * interval '1 minute'
          from generate_series(0, ${customersWithHistory - 1}) as customer,
            generate_series(1, 3) as n
          on conflict do nothing;
        insert into order_items
          select id, 'sku-1001', 1, total_cents from orders
          where created_at < timestamptz '2025-07-01' on conflict do nothing;`,
}
