import { describe, expect, it } from 'vitest'
import {
  exportedNames,
  folderNames,
  glossaryEntries,
  missingNouns,
  unusedEntries,
  wordsOf,
} from '../src/glossary.ts'
import { ordinaryWords } from '../src/ordinary-words.ts'
import { readRepositoryFile, repositoryFiles } from '../src/repository.ts'

const files = repositoryFiles()
const sources = files.filter((file) => /^(packages\/[^/]+|apps\/demo)\/src\/.*\.ts$/.test(file))
const entries = glossaryEntries(readRepositoryFile('docs/glossary.md'))

/**
 * The noun of an exported class, interface or type, or of a source folder, is what remains of its name when ordinary
 * words of programming are removed from its end. It must end with an entry of docs/glossary.md. Add words that need no
 * entry to tools/src/ordinary-words.ts.
 */
describe('the glossary', () => {
  it('has an entry for the noun of every name', () => {
    const names = [
      ...sources.flatMap((file) => exportedNames(file, readRepositoryFile(file))),
      ...folderNames(sources),
    ]
    expect(names.length).toBeGreaterThan(300)
    expect(missingNouns(names, entries, ordinaryWords)).toEqual([])
  })

  it('has no entry that no code and no document uses', () => {
    const texts = files
      .filter((file) => /\.(ts|mjs|cc|h|md)$/.test(file) && !/^(tools\/|docs\/glossary\.md)/.test(file))
      .map((file) => readRepositoryFile(file))
    expect(unusedEntries(entries, texts)).toEqual([])
  })

  it('is sorted, and has each entry once', () => {
    expect(entries.length).toBeGreaterThan(90)
    expect(entries).toEqual([...new Set(entries)].sort())
  })

  it('explains each entry in sentences', () => {
    const rows = readRepositoryFile('docs/glossary.md')
      .split('\n')
      .filter((line) => /^\| [a-z]/.test(line))
    expect(rows.slice(1).filter((row) => !/^\| [^|]+ \| [A-Z`][^|]*\. \|$/.test(row))).toEqual([])
  })
})

describe('the noun of a name', () => {
  const known = ['envelope', 'back end', 'frame channel', 'subscription']
  const missing = (source: string) => missingNouns(exportedNames('a.ts', source), known, ordinaryWords)

  it.each([
    ['export class EnvelopeWriter {}'],
    ['export interface Envelope {}'],
    ['export type BackendName = string'],
    ['export interface FrameChannelOptions {}'],
    ['export class Subscriptions {}'],
    ['export type GuardedEnvelope = string'],
    ['export interface ReaderOptions {}'],
    ['interface Hidden {}'],
    ['export const widget = 1'],
  ])('is found in: %s', (source) => {
    expect(missing(source)).toEqual([])
  })

  it.each([
    ['export class Widget {}', 'Widget in a.ts: docs/glossary.md has no entry "widget"'],
    [
      'export type WidgetReaderOptions = 1',
      'WidgetReaderOptions in a.ts: docs/glossary.md has no entry "widget"',
    ],
    ['export interface EnvelopeWidget {}', 'no entry "envelope widget" or "widget"'],
    ['export class Channel {}', 'no entry "channel"'],
  ])('is missing in: %s', (source, problem) => {
    expect(missing(source).join('\n')).toContain(problem)
  })

  it('is required of every folder below src', () => {
    const names = folderNames(['packages/x/src/send-queue/deep/a.ts', 'packages/x/src/b.ts'])
    expect(names.map(({ name }) => name)).toEqual(['deep', 'send-queue'])
    expect(missingNouns(names, ['send queue'], new Set())).toEqual([
      'deep in packages/x/src/send-queue/deep: docs/glossary.md has no entry "deep"',
    ])
  })

  it('is in lower case, in the singular', () => {
    expect(wordsOf('RPCErrors')).toEqual(['rpc', 'error'])
    expect(wordsOf('ClosedBusProperties')).toEqual(['closed', 'bus', 'property'])
    expect(wordsOf('http2Searches')).toEqual(['http', '2', 'search'])
  })
})

describe('an entry of the glossary', () => {
  it.each([
    ['as words', 'The back ends of it.'],
    ['inside a name', 'const backEndName = 1'],
    ['written as one word', 'new Backend()'],
  ])('is in use %s', (_name, text) => {
    expect(unusedEntries(['back end'], [text])).toEqual([])
  })

  it('is unused if only a part of it appears', () => {
    expect(unusedEntries(['back end', 'frame'], ['the end of the back', 'framework'])).toEqual([
      'back end',
      'frame',
    ])
  })
})
