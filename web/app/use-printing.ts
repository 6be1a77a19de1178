import { useEffect, useState } from 'preact/hooks'

/** True while the page is laid out for paper, where nobody can scroll. */
export function usePrinting(): boolean {
  const [printing, setPrinting] = useState(() => matchMedia('print').matches)
  useEffect(() => {
    const list = matchMedia('print')
    const changed = () => setPrinting(list.matches)
    const before = () => setPrinting(true)
    const after = () => setPrinting(false)
    list.addEventListener('change', changed)
    addEventListener('beforeprint', before)
    addEventListener('afterprint', after)
    return () => {
      list.removeEventListener('change', changed)
      removeEventListener('beforeprint', before)
      removeEventListener('afterprint', after)
    }
  }, [])
  return printing
}
