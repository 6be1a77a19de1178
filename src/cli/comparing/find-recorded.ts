import { statSync } from 'node:fs'
import { UsageError, withoutUrlSecrets } from '../../base/index.ts'
import { openStore, type RunStore, type StoredRun } from '../../store/index.ts'
import { placeOf } from '../storing/store-place.ts'

/** A run as the command line names it: of the usual store, or of the store in a file. */
export interface RunReference {
  readonly store: string | undefined
  /** Id, beginning of one, or 'last'; undefined when only a file was named. */
  readonly which: string | undefined
}

/**
 * Reads 'last', an id, 'results/runs.db', 'results/runs.db#last' or 'postgres://...#last'. `where`
 * is the flag or the argument for the message.
 */
export function readReference(text: string, where: string): RunReference {
  const at = text.lastIndexOf('#')
  if (at >= 0) {
    const [store, which] = [text.slice(0, at), text.slice(at + 1)]
    if (store === '' || which === '') throw unreadable(text, where)
    return { store, which }
  }
  if (/\.(json|xml|md|html|csv)$/i.test(text)) throw noSeconds(text, where)
  if (/^postgres(ql)?:\/\//.test(text) || isFile(text)) {
    return { store: text, which: undefined }
  }
  if (/[/\\]|\.db$/.test(text)) {
    throw new UsageError(
      'BASELINE_FILE',
      `${where}: there is no file ${text}; name a run ('last', an id) or a store's file`,
    )
  }
  return { store: undefined, which: text }
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function unreadable(text: string, where: string): UsageError {
  return new UsageError(
    'BASELINE_RUN',
    `${where}: "${withoutUrlSecrets(text)}" names no run; write 'last', an id, or a store and ` +
      `a run: results/runs.db#last`,
  )
}

function noSeconds(text: string, where: string): UsageError {
  return new UsageError(
    'BASELINE_FORMAT',
    `${where}: ${text} is a result file: it has no seconds, without which chance cannot be told ` +
      `from change. Name a stored run ('last', an id), or the file of a store: results/runs.db`,
  )
}

export interface WantedRun {
  /** Of a file alone: only runs of this script. */
  readonly script?: string
  /** Of a file alone: not this one. */
  readonly exceptId?: string
  /** Where runs are kept, unless the reference names another place. */
  readonly store?: string | undefined
}

export interface OpenedRun {
  readonly store: RunStore
  readonly run: StoredRun
}

/**
 * Opens the store and finds the run; the caller closes the store. 'last' is the newest that has
 * ended; a file alone means its newest finished run, of `script` when that is given.
 */
export async function openReferred(reference: RunReference, wanted: WantedRun): Promise<OpenedRun> {
  const { store: usual } = wanted
  const place = reference.store ?? placeOf(usual === undefined ? {} : { store: usual })
  const store = await openStore(place, { mustExist: true })
  try {
    const { which } = reference
    if (which === 'last') return { store, run: await lastEnded(store) }
    if (which !== undefined) return { store, run: await store.find(which) }
    return { store, run: await newestOf(store, place, wanted) }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The newest that is not under way: that one may be the very run that asks. */
async function lastEnded(store: RunStore): Promise<StoredRun> {
  const runs = await store.runs()
  return runs.find(({ state }) => state !== 'running') ?? store.find('last')
}

async function newestOf(
  store: RunStore,
  place: string,
  { script, exceptId }: WantedRun,
): Promise<StoredRun> {
  const runs = await store.runs()
  const finished = runs.filter(({ id, state }) => state === 'finished' && id !== exceptId)
  const found = finished.find(({ plan }) => script === undefined || plan.script === script)
  if (found !== undefined) return found
  const others = [...new Set(finished.map(({ plan }) => plan.script))].slice(0, 5).join(', ')
  const has = others === '' ? 'no finished run' : `finished runs of ${others} only`
  const wanted = script === undefined ? '' : ` of ${script}`
  const shown = withoutUrlSecrets(place)
  throw new UsageError(
    'BASELINE_MISSING',
    `${shown} has no finished run${wanted} to compare with: it has ${has}; write ${shown}#<run>`,
  )
}
