import { RpcError } from '@frameport/protocol'
import { describe, expect, it } from 'vitest'
import { relatedDifferences } from '../src/differences/related-places.ts'
import type { ServerDifference } from '../src/server-difference.ts'

const differences = (kind: ServerDifference['kind'], ...places: readonly string[]): ServerDifference[] =>
  places.map((written) => {
    const [place = '', outcome = 'unknown'] = written.split(' ')
    return { kind, member: 'f', place, outcome: outcome as ServerDifference['outcome'], text: 'differs' }
  })

const invalid = (code: string, ...paths: readonly string[]) =>
  new RpcError(code, 'text', { data: { issues: paths.map((path) => ({ path, text: 'wrong' })) } })

const related = (found: ServerDifference[], error: RpcError) =>
  relatedDifferences(found, error).map(({ place }) => place)

describe('the explanation of a failure', () => {
  it.each<[string, string, readonly string[], readonly string[], readonly string[]]>([
    ['a member of the input', 'INVALID_ARGUMENT', ['nick'], ['input.nick', 'output.age'], ['input.nick']],
    [
      'nothing in a part that was not refused',
      'INVALID_ARGUMENT',
      ['nick'],
      ['output.age', 'errors.GONE'],
      [],
    ],
    [
      'nothing in the input if an answer is invalid',
      'INTERNAL',
      ['age'],
      ['input.age', 'output.age'],
      ['output.age'],
    ],
    ['no other member', 'INVALID_ARGUMENT', ['count'], ['input.nick works'], []],
    [
      'a renamed member, by both names',
      'INVALID_ARGUMENT',
      ['title'],
      ['input.name', 'input.title'],
      ['input.name', 'input.title'],
    ],
    ['the place above', 'INTERNAL', ['rows.0.kind'], ['output.rows'], ['output.rows']],
    ['the place below', 'INTERNAL', ['rows'], ['output.rows.[].age'], ['output.rows.[].age']],
    ['an element of an array', 'INTERNAL', ['rows.17.age'], ['items.rows.[].age'], ['items.rows.[].age']],
    ['not another member of an element', 'INTERNAL', ['rows.17.age'], ['items.rows.[].name'], []],
    ['an element of a tuple', 'INTERNAL', ['1.age'], ['output.[1].age'], ['output.[1].age']],
    ['the whole', 'INVALID_ARGUMENT', [''], ['input.nick'], ['input.nick']],
    [
      'a schema that repeats itself',
      'INVALID_ARGUMENT',
      ['kids.0.kids.0.name'],
      ['input.name'],
      ['input.name'],
    ],
    ['a name with dots', 'INVALID_ARGUMENT', ['a.b'], ['input."a.b"'], ['input."a.b"']],
    ['the data of an error code', 'INTERNAL', ['by'], ['errors.GONE.by fails'], ['errors.GONE.by']],
    [
      'no error code that only one side has',
      'INTERNAL',
      ['by'],
      ['errors.GONE works', 'errors.LATE loses'],
      [],
    ],
    ['the procedure as a whole', 'INVALID_ARGUMENT', ['nick'], [' fails'], ['']],
    ['the data of an error code as a whole', 'INTERNAL', ['by'], ['errors.GONE'], ['errors.GONE']],
    [
      'a place below the data of an error code',
      'INTERNAL',
      ['by'],
      ['errors.GONE.by.name fails'],
      ['errors.GONE.by.name'],
    ],
    ['not the name of an error code', 'INTERNAL', ['GONE'], ['errors.GONE.by.name fails'], []],
    ['a member of one of several places', 'INTERNAL', ['name', 'age'], ['output.age'], ['output.age']],
    ['below an element of an array', 'INTERNAL', ['rows.17'], ['items.rows.[].age'], ['items.rows.[].age']],
    ['not below another member', 'INTERNAL', ['lines.17'], ['items.rows.[].age'], []],
    ['not the kind of call if data are invalid', 'INTERNAL', ['age'], ['kind', 'subscribe'], []],
  ])('is %s', (_, code, paths, places, expected) => {
    expect(related(differences('procedure', ...places), invalid(code, ...paths))).toEqual(expected)
  })

  it('is the undeclared code, and no other', () => {
    const error = new RpcError('UNKNOWN', 'text', { cause: new RpcError('GONE', 'text') })
    const found = differences('procedure', 'errors.GONE', 'errors.LATE', 'output.age')
    expect(related(found, error)).toEqual(['errors.GONE'])
  })

  it('is the kind of call if nothing answers, and not what a handler has still to do', () => {
    const error = new RpcError('UNIMPLEMENTED', 'text')
    expect(related(differences('procedure', 'kind', 'input.nick'), error)).toEqual(['kind'])
    expect(related(differences('procedure', 'input.nick'), error)).toEqual([])
    expect(related(differences('event', 'subscribe', 'topic'), error)).toEqual(['subscribe'])
  })

  it('is empty if the failure was not caused by the peer', () => {
    const found = differences('procedure', 'errors.GONE', 'errors.undefined')
    expect(related(found, new RpcError('UNKNOWN', 'text'))).toEqual([])
    expect(related(found, new RpcError('UNKNOWN', 'text', { cause: { code: 'GONE' } }))).toEqual([])
  })

  it('is the payload of an event, and the topic of a subscription', () => {
    const found = differences('event', 'payload.at', 'topic.at')
    expect(related(found, invalid('INTERNAL', 'at'))).toEqual(['payload.at'])
    expect(related(found, invalid('INVALID_ARGUMENT', 'at'))).toEqual(['topic.at'])
  })
})
