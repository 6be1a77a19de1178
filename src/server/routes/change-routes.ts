import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { UsageError } from '../../base/index.ts'
import { refused } from '../access/access.ts'
import type { RunCommand } from '../api.ts'
import type { LiveRun } from '../live/live-run.ts'
import type { DashboardContext } from './context.ts'
import { findRun } from './run-source.ts'

const bodyBytesMax = 16 * 1024

const startOrder = z.strictObject({
  script: z.string().min(1).max(1000),
  host: z.string().max(1000).optional(),
  users: z.int().min(0).optional(),
  rate: z.string().max(100).optional(),
  duration: z.string().max(100).optional(),
})
const command = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('users'), delta: z.int().min(-1_000_000).max(1_000_000) }),
  z.strictObject({ kind: z.literal('rate'), factor: z.number().positive().max(1_000_000) }),
  z.strictObject({ kind: z.literal('pause') }),
  z.strictObject({ kind: z.literal('resume') }),
  z.strictObject({ kind: z.literal('stop'), how: z.enum(['graceful', 'now']) }),
])

/** Everything that changes something: starting, steering, deleting. */
export function changeRoutes(app: Hono, context: DashboardContext): void {
  const onError = (c: Context) => refused(c, 400, `a body has at most ${bodyBytesMax} bytes`)
  app.use('/api/*', bodyLimit({ maxSize: bodyBytesMax, onError }))

  let starting = false
  app.post('/api/runs', async c => {
    const order = startOrder.parse(await jsonOf(c))
    const { starter } = context
    if (starter === undefined) return refused(c, 409, 'no run can be started from this dashboard')
    if (starting || context.current()?.running === true) {
      return refused(c, 409, 'a run is under way in this process: stop it, or wait for its end')
    }
    if (!(await starter.scripts()).includes(order.script)) {
      return refused(c, 400, `there is no script "${order.script}" below the working directory`)
    }
    starting = true
    try {
      return c.json({ id: await starter.start(withoutUndefined(order)) }, 201)
    } finally {
      starting = false
    }
  })

  app.post('/api/runs/:id/commands', async c => {
    const wanted = command.parse(await jsonOf(c))
    const { live } = await findRun(context, c.req.param('id'))
    const control = live?.control
    if (control === undefined) return refused(c, 409, 'this run is not under way in this process')
    if (wanted.kind !== 'stop' && live?.usersStarted !== true) {
      return refused(c, 409, 'no user has started yet: there is nothing to change but to stop')
    }
    steer(control, wanted)
    return c.body(null, 204)
  })

  app.delete('/api/runs/:id', async c => {
    const { live, stored } = await findRun(context, c.req.param('id'))
    if (live?.running === true || stored?.state === 'running') {
      return refused(c, 409, 'a run that is under way cannot be deleted: stop it first')
    }
    if (context.store === undefined) return refused(c, 409, 'runs are not stored here')
    await context.store.delete([live?.id ?? stored?.id ?? ''])
    return c.body(null, 204)
  })
}

function steer(control: NonNullable<LiveRun['control']>, wanted: RunCommand): void {
  switch (wanted.kind) {
    case 'users':
      return control.adjustUsers(wanted.delta)
    case 'rate':
      return control.changeRate(wanted.factor)
    case 'pause':
      return control.setPaused(true)
    case 'resume':
      return control.setPaused(false)
    case 'stop':
      return control.stop(wanted.how)
  }
}

/** JSON only: a form of another site can send everything else without being asked. */
async function jsonOf(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new UsageError('BODY', 'the body has to be of content-type application/json')
  }
  const text = await c.req.text()
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new UsageError('BODY', 'the body is no JSON', { cause })
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined),
  ) as Defined<T>
}
