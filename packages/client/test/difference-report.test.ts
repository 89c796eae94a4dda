import { contract, procedure } from '@frameport/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { differenceReport } from '../src/differences/difference-report.ts'
import type { ServerDifference } from '../src/server-difference.ts'

const difference = (more: Partial<ServerDifference>): ServerDifference => ({
  kind: 'procedure',
  member: 'put',
  place: '',
  outcome: 'fails',
  text: 'differs',
  ...more,
})

let states = 0
/** The console shows a warning once for each pair of states in a process, so each call makes a new contract. */
const unseen = () => {
  states += 1
  return contract(`report${states}`, { version: 1, procedures: { put: procedure({}) } })
}

function watchConsole() {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  const from = warn.mock.calls.length
  return () => warn.mock.calls.slice(from).map(([text]) => String(text))
}

const hookThrows = (error: unknown) => {
  throw error
}

/** The text of the warning of these differences, without its surroundings. */
function said(...found: readonly ServerDifference[]): readonly string[] {
  const lines = watchConsole()
  const own = unseen()
  differenceReport(own, 'memory:', undefined, hookThrows)(found, 'theirs')
  const start = `frameport: contract ${own.name} of the server at memory: differs from that of this client: `
  const end =
    '. client.$connection.differences() lists all differences; onContractDifferences replaces this warning.'
  return lines().map((line) => {
    expect([line.startsWith(start), line.endsWith(end)]).toEqual([true, true])
    return line.slice(start.length, -end.length)
  })
}

describe('the warning of differences', () => {
  it.each<[string, Partial<ServerDifference>, readonly string[]]>([
    ['what fails', { place: 'output.age' }, ['output.age of put differs']],
    [
      'a difference that depends on the value',
      { place: 'input', outcome: 'unknown' },
      ['input of put differs'],
    ],
    ['a procedure as a whole', {}, ['procedure put differs']],
    ['an event that never arrives', { kind: 'event', outcome: 'loses' }, ['event put differs']],
    ['a procedure of clients', { kind: 'clientProcedure' }, ['procedure of clients put differs']],
    ['the contract', { kind: 'contract', member: '' }, ['this client differs']],
    [
      'a member of an input that the server drops',
      { place: 'input.nick', outcome: 'loses' },
      ['input.nick of put differs'],
    ],
    [
      'a member of an answer of this client that the server drops',
      { kind: 'clientProcedure', place: 'output.why', outcome: 'loses' },
      ['output.why of put differs'],
    ],
    ['no difference that works', { outcome: 'works' }, []],
    ['no member of an answer that this client drops', { place: 'output.age', outcome: 'loses' }, []],
    [
      'no member of an input that this client drops',
      { kind: 'clientProcedure', place: 'input.urgent', outcome: 'loses' },
      [],
    ],
    [
      'no member of a payload that this client drops',
      { kind: 'event', place: 'payload.at', outcome: 'loses' },
      [],
    ],
    [
      'a topic on which events may not arrive',
      { kind: 'event', place: 'topic', outcome: 'loses' },
      ['topic of put differs'],
    ],
  ])('names %s', (_, more, lines) => {
    expect(said(difference(more))).toEqual(lines)
  })

  it('leaves out harmless differences if there are harmful ones', () => {
    const fine = difference({ place: 'output.age', outcome: 'works' })
    expect(said(fine, difference({ place: 'input.nick' }), fine)).toEqual(['input.nick of put differs'])
  })

  it('names five differences, and counts the others', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((place) => difference({ place }))
    const five = ['a', 'b', 'c', 'd', 'e'].map((place) => `${place} of put differs`).join('; ')
    expect(said(...many.slice(0, 5))).toEqual([five])
    expect(said(...many)).toEqual([`${five}; and 2 more`])
  })

  it('appears once for each pair of states, and again for another state of either side', () => {
    const lines = watchConsole()
    const [own, other] = [unseen(), unseen()]
    const found = [difference({})]
    for (let client = 0; client < 2; client += 1) {
      const report = differenceReport(own, 'memory:', undefined, hookThrows)
      report(found, 'one')
      report(found, 'one')
      report(found, 'two')
    }
    expect(lines()).toHaveLength(2)
    differenceReport(other, 'memory:', undefined, hookThrows)(found, 'one')
    expect(lines()).toHaveLength(3)
  })

  it('of harmful differences appears even if the same pair of states had only harmless ones before', () => {
    const lines = watchConsole()
    const report = differenceReport(unseen(), 'memory:', undefined, hookThrows)
    report([difference({ outcome: 'works' })], 'theirs')
    report([difference({})], 'theirs')
    expect(lines()).toHaveLength(1)
  })

  it('does not appear if there is a hook, which is called each time with all differences', () => {
    const lines = watchConsole()
    const heard: (readonly ServerDifference[])[] = []
    const found = [difference({}), difference({ outcome: 'works' })]
    const report = differenceReport(unseen(), 'memory:', (all) => void heard.push(all), hookThrows)
    report(found, 'theirs')
    report(found, 'theirs')
    expect([heard, lines()]).toEqual([[found, found], []])
  })
})

describe('a hook of differences', () => {
  const failed = new Error('of the hook')

  it.each<[string, () => unknown]>([
    ['throws', () => hookThrows(failed)],
    ['rejects', () => Promise.reject(failed)],
  ])('that %s is reported', async (_, hook) => {
    const reported = new Promise((resolve) => {
      differenceReport(unseen(), 'memory:', hook, resolve)([difference({})], 'theirs')
    })
    expect(await reported).toBe(failed)
  })
})
