import { expect, it } from 'vitest'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

/** The rest of a call, from the end of its name to its closing bracket. */
function argumentsOf(text: string, from: number): string {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth += 1
    else if (text[at] === ')' && --depth === 0) return text.slice(from, at + 1)
  }
  return text.slice(from)
}

/** Waits with the default timeout of vitest, one second, which a machine of CI may spend elsewhere. */
function impatientWaits(text: string): string[] {
  return [...text.matchAll(/\bvi\.wait(?:Until|For)(?=\()/g)]
    .map((found) => found[0] + argumentsOf(text, found.index + found[0].length))
    .filter((wait) => !/,\s*(?:\{[^{}]*\btimeout\b|[\d_]+|\w*Ms\b)[^()]*\)$/.test(wait))
}

it('the search finds waits without a timeout, and no others', () => {
  expect(impatientWaits('await vi.waitUntil(() => is(so))\nvi.waitFor(look)')).toEqual([
    'vi.waitUntil(() => is(so))',
    'vi.waitFor(look)',
  ])
  expect(impatientWaits('vi.waitUntil(() => f(1, 2), 20_000)')).toEqual([])
  expect(impatientWaits('vi.waitUntil(isSo, { timeout: patienceMs, interval: 5 })')).toEqual([])
  expect(impatientWaits('vi.waitUntil(isSo, patienceMs).catch(() => undefined)')).toEqual([])
})

it('tests set a timeout for their waits, or use that of tests/support/until.ts', { timeout: 300_000 }, () => {
  const impatient = repositoryFiles()
    .filter((file) => /\.ts$/.test(file) && !file.startsWith('tools/'))
    .flatMap((file) => impatientWaits(readRepositoryFile(file)).map((wait) => `${file}: ${wait}`))
  expect(impatient).toEqual([])
})
