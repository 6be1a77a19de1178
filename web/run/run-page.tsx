import { useEffect, useState } from 'preact/hooks'
import { liveUrl, readRun, readSeconds, sendCommand, spanFor } from '../app/client.ts'
import { Trouble } from '../app/shell.tsx'
import { LiveFeed } from '../data/live-feed.ts'
import { RunModel } from '../data/run-model.ts'
import { partsOf } from '../data/zoom/stretch.ts'
import { messageOf } from '../../src/base/index.ts'
import { RunView } from './run-view.tsx'
import { Steering } from './steering.tsx'

/** A run of the store or under way, read from the server. */
export function RunPage({ id }: { readonly id: string }) {
  const [model, setModel] = useState<RunModel>()
  const [trouble, setTrouble] = useState<string>()
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const opening = open(id, setModel)
    opening.done.catch((error: unknown) => setTrouble(messageOf(error)))
    return opening.stop
  }, [id, attempt])
  const again = () => {
    setTrouble(undefined)
    setAttempt(attempt + 1)
  }
  if (trouble !== undefined)
    return <Trouble title="This run cannot be shown" text={trouble} retry={again} home />
  if (!model) return <p class="empty">Opening the run …</p>
  return (
    <>
      <Title model={model} />
      <RunView
        model={model}
        steering={
          <Steering
            model={model}
            send={command => sendCommand(model.page.value.item.id, command)}
          />
        }
      />
    </>
  )
}

function Title({ model }: { readonly model: RunModel }) {
  const { script, state } = model.page.value.item
  useEffect(() => {
    document.title = `${state === 'running' ? '● ' : ''}${script} · Loadstone`
    return () => {
      document.title = 'Loadstone'
    }
  }, [script, state])
  return null
}

/** Longer than any run, s. */
const wholeRun = 2 ** 31 - 1

/** Reads a run and follows it while it lasts. */
function open(id: string, show: (model: RunModel) => void) {
  let feed: LiveFeed | undefined
  let stopped = false
  const follow = (model: RunModel) => {
    const { id: fullId } = model.page.value.item
    feed = new LiveFeed({
      model,
      url: liveUrl(fullId),
      catchUp: (from, to) =>
        readSeconds(fullId, { from, ...(to === undefined ? {} : { to }) }, all => model.add(all)),
      onEnd: () => {
        if (!stopped) void finish(model)
      },
    })
  }
  const finish = async (model: RunModel) => {
    const { id: fullId } = model.page.value.item
    await readSeconds(fullId, { from: model.next }, all => model.add(all))
    model.connection.value = 'stored'
    model.page.value = await readRun(fullId)
  }
  const begin = async () => {
    const page = await readRun(id)
    if (stopped) return
    const { item } = page
    const model = new RunModel(page, (wanted, take, signal) =>
      readSeconds(item.id, wanted, take, signal),
    )
    show(model)
    const span = spanFor(item.durationUs)
    const running = item.state === 'running'
    if (span > 1 || !running) {
      // What goes on is read to its last whole span; a newer second comes as it is.
      const seconds = Math.ceil(item.durationUs / 1e6)
      const to = running ? seconds - (seconds % span) : wholeRun
      for (const part of partsOf({ from: 0, to }, span, model.warmUpSeconds)) {
        await readSeconds(item.id, { ...part, span }, all => model.add(stopped ? [] : all))
      }
    }
    if (running && !stopped) follow(model)
  }
  const stop = () => {
    stopped = true
    feed?.stop()
  }
  return { done: begin(), stop }
}
