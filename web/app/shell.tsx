import type { ComponentChildren } from 'preact'
import { theme, toggleTheme } from './theme.ts'

/** What is around every page: where one is, the way to the list, light and dark. */
export function Shell({
  children,
  version,
  home,
}: {
  readonly children: ComponentChildren
  readonly version?: string | undefined
  /** The mark leads to the list of runs. A report has none. */
  readonly home: boolean
}) {
  const other = theme.value === 'dark' ? 'light' : 'dark'
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="bar">
        {home ? (
          <a class="brand" href="#/">
            <Logo /> Loadstone
          </a>
        ) : (
          <span class="brand">
            <Logo /> Loadstone
          </span>
        )}
        {home && (
          <nav aria-label="Pages">
            <a href="#/">Runs</a>
          </nav>
        )}
        <span class="grow" />
        {version && <span class="soft version">{version}</span>}
        <button
          type="button"
          class="quiet screen-only"
          onClick={toggleTheme}
          aria-label={`Use ${other} colours`}
          title={`Use ${other} colours`}
        >
          <span aria-hidden="true">{theme.value === 'dark' ? '☀' : '☾'}</span>
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

/** The address is the route: a plain link to #main would leave the page. */
function skip(event: Event): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('#main')?.focus()
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="7" class="logo-back" />
      <path d="M16 5 21 16 16 27 11 16z" fill="none" stroke="#fff" stroke-width="2" />
      <path d="M16 5 21 16 11 16z" fill="#fff" />
    </svg>
  )
}

/** Something that did not work, in words, with a way on: try again, or the list of runs. */
export function Trouble(props: {
  readonly title: string
  readonly text: string
  readonly retry?: () => void
  /** @default false: a report has no list */
  readonly home?: boolean
}) {
  const { title, text, retry, home = false } = props
  return (
    <>
      <h1>{title}</h1>
      <div class="notice bad trouble" role="alert">
        <p>{text}</p>
        {retry && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        {home && (
          <a class="button" href="#/">
            All runs
          </a>
        )}
      </div>
    </>
  )
}
