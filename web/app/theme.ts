import { computed, signal } from '@preact/signals'

export type Theme = 'light' | 'dark'

const key = 'loadstone-theme'
const darkPreferred = matchMedia('(prefers-color-scheme: dark)')
const preferred = signal<Theme>(darkPreferred.matches ? 'dark' : 'light')
const chosen = signal<Theme | undefined>(remembered())

const paper = matchMedia('print')
const printing = signal(paper.matches)

/** What is shown: paper is light; else the reader's choice, else what the system prefers. */
export const theme = computed(() => (printing.value ? 'light' : (chosen.value ?? preferred.value)))

paper.addEventListener('change', ({ matches }) => {
  printing.value = matches
})

darkPreferred.addEventListener('change', ({ matches }) => {
  preferred.value = matches ? 'dark' : 'light'
})

theme.subscribe(value => {
  document.documentElement.dataset['theme'] = value
})

export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark'
  chosen.value = next === preferred.value ? undefined : next
  try {
    if (chosen.value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, chosen.value)
  } catch (error) {
    // A page opened from a file may not be allowed to remember.
    console.info(error)
  }
}

function remembered(): Theme | undefined {
  try {
    const value = localStorage.getItem(key)
    return value === 'light' || value === 'dark' ? value : undefined
  } catch {
    return undefined
  }
}
