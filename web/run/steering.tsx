import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messageOf } from '../../src/base/index.ts'
import type { RunCommand } from '../../src/server/api.ts'
import type { RunModel } from '../data/run-model.ts'

interface SteeringProps {
  readonly model: RunModel
  readonly send: (command: RunCommand) => Promise<void>
}

const userSteps = [-10, -1, 1, 10] as const
const rateFactors = [
  [0.5, '÷2'],
  [0.9, '−10 %'],
  [1.1, '+10 %'],
  [2, '×2'],
] as const

/** The keys of the terminal, with what they do. */
const keys: Readonly<Record<string, RunCommand>> = {
  w: { kind: 'users', delta: 1 },
  W: { kind: 'users', delta: 10 },
  s: { kind: 'users', delta: -1 },
  S: { kind: 'users', delta: -10 },
}

/** Changes a run that is under way. Every change becomes a mark on the time axis. */
export function Steering({ model, send }: SteeringProps) {
  const [fault, setFault] = useState('')
  const [stopping, setStopping] = useState(false)
  const { item, steerable } = model.page.value
  const paused = model.phase.value?.paused ?? false
  const give = (command: RunCommand) => {
    setFault('')
    send(command).catch((error: unknown) => setFault(messageOf(error)))
  }
  const togglePause = () => give({ kind: paused ? 'resume' : 'pause' })
  const able = steerable && item.state === 'running'
  useKeys(able, item.model !== 'open', give, togglePause)
  const toolbar = useFocusAfter(able)
  if (!able) return null
  const stop = () => {
    give({ kind: 'stop', how: stopping ? 'now' : 'graceful' })
    setStopping(true)
  }
  return (
    <div ref={toolbar} class="steering screen-only" role="toolbar" aria-label="Steer the run">
      {item.model !== 'open' && <UserButtons give={give} />}
      {item.model !== 'closed' && <RateButtons give={give} />}
      <button type="button" onClick={togglePause} aria-keyshortcuts="p" title="p">
        {paused ? 'Resume' : 'Pause'}
      </button>
      <button type="button" class="danger" onClick={stop}>
        {stopping ? 'Stop now' : 'Stop'}
      </button>
      {fault && (
        <span class="fault" role="alert">
          {fault}
        </span>
      )}
    </div>
  )
}

type Give = (command: RunCommand) => void

function UserButtons({ give }: { readonly give: Give }) {
  return (
    <div class="toggle" role="group" aria-label="Users">
      <span class="toggle-label" aria-hidden="true">
        Users
      </span>
      {userSteps.map(delta => {
        const text = delta > 0 ? `+${delta}` : `−${-delta}`
        const key = Object.entries(keys).find(
          ([, command]) => command.kind === 'users' && command.delta === delta,
        )?.[0]
        return (
          <button
            key={delta}
            type="button"
            aria-label={`${text} users`}
            aria-keyshortcuts={key}
            title={key ?? ''}
            onClick={() => give({ kind: 'users', delta })}
          >
            {text}
          </button>
        )
      })}
    </div>
  )
}

function RateButtons({ give }: { readonly give: Give }) {
  return (
    <div class="toggle" role="group" aria-label="Arrival rate">
      <span class="toggle-label" aria-hidden="true">
        Rate
      </span>
      {rateFactors.map(([factor, text]) => (
        <button
          key={text}
          type="button"
          aria-label={`Arrival rate ${text}`}
          onClick={() => give({ kind: 'rate', factor })}
        >
          {text}
        </button>
      ))}
    </div>
  )
}

/** Who has the focus in a toolbar that goes is led to the verdict, not to the top of the page. */
function useFocusAfter(able: boolean) {
  const toolbar = useRef<HTMLDivElement>(null)
  const had = toolbar.current?.contains(document.activeElement) ?? false
  useLayoutEffect(() => {
    if (!able && had) document.querySelector<HTMLElement>('#verdict')?.focus()
  }, [able])
  return toolbar
}

function useKeys(able: boolean, users: boolean, give: Give, togglePause: () => void): void {
  useEffect(() => {
    if (!able) return
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const command = users ? keys[event.key] : undefined
      if (command) give(command)
      else if (event.key === 'p') togglePause()
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  })
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea') !== null
