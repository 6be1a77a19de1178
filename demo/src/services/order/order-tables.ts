import type { DatabaseSchema } from '../../kit/data/database.ts'
import { seedOrderItemsSql, seedOrdersSql } from '../../seed.ts'

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
        create table if not exists drafts (
          user_id text primary key,
          shipping jsonb,
          payment jsonb
        );
        with seeded as (
          insert into orders (id, user_id, status, currency, total_cents, tracking_id, created_at)
            select order_id, user_id,
              case user_id when 'usr-demo' then 'shipped' else 'delivered' end, 'USD',
              total_cents, tracking_id, created_at
            from (${seedOrdersSql}) as old where not exists (select 1 from orders)
            returning id
        )
        insert into order_items
          select order_id, sku, quantity, unit_price_cents
          from (${seedOrderItemsSql}) as lines join seeded on seeded.id = order_id;`,
}
