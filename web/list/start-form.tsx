import { useState } from 'preact/hooks'
import { messageOf } from '../../src/base/index.ts'
import type { ServerInfo, StartOrder } from '../../src/server/api.ts'
import { startRun } from '../app/client.ts'
import { runAddress } from '../app/route.ts'

/** Starts a run; what is left empty is as the script says. */
export function StartForm({ info }: { readonly info: ServerInfo }) {
  const [fault, setFault] = useState('')
  const [starting, setStarting] = useState(false)
  if (info.runningId !== undefined) {
    return (
      <p class="notice live">
        <span class="badge live">
          <span aria-hidden="true">●</span> running
        </span>
        <a href={runAddress(info.runningId)}>Watch the run that is under way</a>
      </p>
    )
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setFault('')
    setStarting(true)
    startRun(orderOf(new FormData(event.currentTarget as HTMLFormElement)))
      .then(id => {
        location.hash = runAddress(id)
      })
      .catch((error: unknown) => setFault(messageOf(error)))
      .finally(() => setStarting(false))
  }
  if (info.scripts.length === 0) {
    return (
      <p class="notice">
        No script to start was found below the folder in which <code>loadstone ui</code> runs: a
        script is a file that imports <code>loadstone</code>.
      </p>
    )
  }
  return (
    <section aria-labelledby="start-title">
      <h2 id="start-title">Start a run</h2>
      <form class="start card" onSubmit={submit}>
        <label class="field wide">
          <span>Script</span>
          <select name="script" required>
            {info.scripts.map(script => (
              <option key={script}>{script}</option>
            ))}
          </select>
        </label>
        <LoadField />
        <label class="field">
          <span>Duration</span>
          <input name="duration" placeholder="as written" />
        </label>
        <label class="field wide">
          <span>Host</span>
          <input name="host" type="url" placeholder="as written" />
        </label>
        <button class="primary" disabled={starting}>
          {starting ? 'Starting …' : 'Start'}
        </button>
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
      </form>
    </section>
  )
}

function LoadField() {
  const [by, setBy] = useState<'users' | 'rate'>('users')
  return (
    <div class="field">
      <label class="unseen" for="start-by">
        Load by
      </label>
      <select
        id="start-by"
        class="inline"
        value={by}
        onChange={event => setBy(event.currentTarget.value === 'rate' ? 'rate' : 'users')}
      >
        <option value="users">Users</option>
        <option value="rate">Arrival rate</option>
      </select>
      {by === 'users' ? (
        <input name="users" type="number" min="1" aria-label="Users" placeholder="as written" />
      ) : (
        <input name="rate" aria-label="Arrival rate" placeholder="50/s" />
      )}
    </div>
  )
}

function orderOf(form: FormData): StartOrder {
  const text = (name: string): string | undefined => {
    const value = form.get(name)
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  const [users, rate, duration, host] = ['users', 'rate', 'duration', 'host'].map(text)
  return {
    script: text('script') ?? '',
    ...(users === undefined ? {} : { users: Number(users) }),
    ...(rate === undefined ? {} : { rate }),
    ...(duration === undefined ? {} : { duration }),
    ...(host === undefined ? {} : { host }),
  }
}
