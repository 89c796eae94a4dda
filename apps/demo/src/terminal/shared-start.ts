import { graphemes } from './graphemes.ts'

/** The longest beginning that all of them share, as the first one writes it. */
export function sharedStart([first = '', ...others]: readonly string[]): string {
  const shared = graphemes(first)
  for (const other of others) {
    while (!other.toLowerCase().startsWith(shared.join('').toLowerCase())) shared.pop()
  }
  return shared.join('')
}
