import { describe, expect, it } from 'vitest'
import { compareOutlines } from '../src/differences/compare-outlines.ts'
import { partsOfCallees } from '../src/differences/place-parts.ts'

type Outline = Readonly<Record<string, string>>

const told = (own: Outline, theirs: Outline, sent?: readonly string[]) =>
  compareOutlines(own, theirs, sent).map(({ place, outcome }) => `${place} ${outcome}`)

const textOf = (own: Outline, theirs: Outline, sent?: readonly string[]) =>
  compareOutlines(own, theirs, sent).map(({ text }) => text)

describe('two outlines', () => {
  it('that are the same have no differences', () => {
    const one = { input: 'a', 'input.b?': 'c', 'errors.GONE': 'd', topic: 'e' }
    expect(told(one, { ...one })).toEqual([])
  })

  it.each<[string, Record<string, string>, Record<string, string>, readonly string[]]>([
    ['a member only here, of an input', { input: 'a', 'input.b': 'c' }, { input: 'a' }, ['input.b loses']],
    [
      'a member that the other side refuses, of an input',
      { 'input!': 'a', 'input.b?': 'c' },
      { 'input!': 'a' },
      ['input.b fails'],
    ],
    ['a member only there, of an input', { input: 'a' }, { input: 'a', 'input.b': 'c' }, ['input.b fails']],
    [
      'an optional member only there, of an input',
      { input: 'a' },
      { input: 'a', 'input.b?': 'c' },
      ['input.b works'],
    ],
    [
      'a member only here, of an upload',
      { upload: 'a', 'upload.b': 'c' },
      { upload: 'a' },
      ['upload.b loses'],
    ],
    [
      'a member only there, of an upload',
      { upload: 'a' },
      { upload: 'a', 'upload.b': 'c' },
      ['upload.b fails'],
    ],
    [
      'a member that is optional only here, of an upload',
      { 'upload.b?': 'a' },
      { 'upload.b': 'a' },
      ['upload.b fails'],
    ],
    [
      'a member that is optional only there, of an upload',
      { 'upload.b': 'a' },
      { 'upload.b?': 'a' },
      ['upload.b works'],
    ],
    [
      'a member only here, of an output',
      { output: 'a', 'output.b': 'c' },
      { output: 'a' },
      ['output.b fails'],
    ],
    [
      'an optional member only here, of an output',
      { output: 'a', 'output.b?': 'c' },
      { output: 'a' },
      ['output.b works'],
    ],
    ['a member only there, of an item', { items: 'a' }, { items: 'a', 'items.b': 'c' }, ['items.b loses']],
    [
      'a member that this side refuses, of an item',
      { 'items!': 'a' },
      { 'items!': 'a', 'items.b': 'c' },
      ['items.b fails'],
    ],
    ['an error code only here', { 'errors.GONE': 'a' }, {}, ['errors.GONE works']],
    ['an error code only there', {}, { 'errors.GONE': 'a', 'errors.GONE.b': 'c' }, ['errors.GONE loses']],
    ['the data of an error code', { 'errors.GONE': 'a' }, { 'errors.GONE': 'b' }, ['errors.GONE unknown']],
    [
      'a member of the data of an error code',
      { 'errors.GONE': 'a' },
      { 'errors.GONE': 'a', 'errors.GONE.b': 'c' },
      ['errors.GONE.b loses'],
    ],
    ['a topic', { topic: 'a' }, { topic: 'b' }, ['topic loses']],
    ['a member of a topic', { topic: 'a', 'topic.b?': 'c' }, { topic: 'a' }, ['topic.b loses']],
    [
      'a member that is optional only here, of an input',
      { 'input.b?': 'a' },
      { 'input.b': 'a' },
      ['input.b fails'],
    ],
    [
      'a member that is optional only there, of an input',
      { 'input.b': 'a' },
      { 'input.b?': 'a' },
      ['input.b works'],
    ],
    [
      'a member that is optional only here, of a payload',
      { 'payload.b?': 'a' },
      { 'payload.b': 'a' },
      ['payload.b works'],
    ],
    [
      'a member that is optional only there, of a payload',
      { 'payload.b': 'a' },
      { 'payload.b?': 'a' },
      ['payload.b fails'],
    ],
    [
      'additional members of any name, only there',
      { input: 'a' },
      { input: 'a', 'input.[]': 'c' },
      ['input.[] works'],
    ],
    [
      'additional members of any name, only here',
      { input: 'a', 'input.[]': 'c' },
      { input: 'a' },
      ['input.[] loses'],
    ],
    [
      'additional members of any name that only this client accepts',
      { output: 'a', 'output.[]': 'c' },
      { output: 'a' },
      ['output.[] works'],
    ],
    [
      'a member that the server accepts as an additional member',
      { input: 'a', 'input.b': 'c' },
      { input: 'a', 'input.[]': 'd' },
      ['input.b unknown', 'input.[] works'],
    ],
    [
      'a member that this client accepts as an additional member',
      { output: 'a', 'output.[]': 'd' },
      { output: 'a', 'output.b': 'c' },
      ['output.[] works', 'output.b unknown'],
    ],
    ['a hash', { input: 'a', 'input.b': 'c' }, { input: 'a', 'input.b': 'd' }, ['input.b unknown']],
    [
      'a name that starts like the name of a part',
      { inputs: 'a' },
      { inputs: 'a', 'inputs.b': 'c' },
      ['inputs.b loses'],
    ],
  ])('differ in %s', (_, own, theirs, differences) => {
    expect(told(own, theirs)).toEqual(differences)
  })

  it('report nothing below a place that only one of them has', () => {
    expect(told({ input: 'a', 'input.b': 'c', 'input.b.d': 'e' }, { input: 'a' })).toEqual(['input.b loses'])
    expect(told({ input: 'a' }, { input: 'a', 'input."b.c"': 'c', 'input."b.c".d': 'e' })).toEqual([
      'input."b.c" fails',
    ])
  })

  it('report no place that only one of them has below a place that differs anyway', () => {
    expect(told({ input: 'text' }, { input: 'object', 'input.b': 'c' })).toEqual(['input unknown'])
  })

  it('report a place that both have below it', () => {
    const differences = told({ input: 'a', 'input.b': 'c' }, { 'input!': 'x', 'input.b': 'd' })
    expect(differences).toEqual(['input unknown', 'input.b unknown'])
  })

  it('compare a part as a whole if one of them has only one hash for it', () => {
    const listed = { input: 'a', 'input.b': 'c', 'input.b.d': 'e' }
    expect(told(listed, { 'input*': 'x' })).toEqual(['input unknown'])
    expect(told({ 'input?*': 'x' }, { 'input?*': 'x' })).toEqual([])
  })

  it('report nothing far below a place that only one of them has', () => {
    const deep = { input: 'a', 'input.b': 'c', 'input.b.d': 'e', 'input.b.d.f': 'g', 'input.b.d.f.h': 'i' }
    expect(told(deep, { input: 'a' })).toEqual(['input.b loses'])
  })

  it('treat dots and quotes inside a quoted name as part of the name', () => {
    const name = 'input."say \\"a.b\\" twice"'
    expect(told({ input: 'a' }, { input: 'a', [name]: 'b', [`${name}.c`]: 'd' })).toEqual([`${name} fails`])
    expect(told({ input: 'a', [name]: 'b' }, { 'input!': 'a' })).toEqual([`${name} fails`])
    const both = { input: 'a', 'input.b': 'c', 'input.b."d.e"': 'f' }
    expect(told({ ...both, 'input.b."d.e".g': 'h' }, both)).toEqual(['input.b."d.e".g loses'])
  })

  it('do not treat the last characters of a quoted name as marks', () => {
    expect(told({ input: 'a' }, { input: 'a', 'input."b?"': 'c' })).toEqual(['input."b?" fails'])
    expect(told({ input: 'a' }, { input: 'a', 'input."b?"?': 'c' })).toEqual(['input."b?" works'])
  })

  it('read every mark after a place, in order', () => {
    const whole = { 'input?!*': 'a' }
    expect(told({ input: 'a' }, whole)).toEqual(['input works'])
    expect(told({ input: 'a', 'input.b': 'c' }, whole)).toEqual(['input works'])
    expect(told({ input: 'a', 'input.b': 'c' }, { 'input?!': 'a' })).toEqual(['input works', 'input.b fails'])
  })
})

describe('the text of a difference', () => {
  it.each<[string, Outline, Outline, readonly string[] | undefined, string]>([
    ['an undeclared code', { 'errors.GONE': 'a' }, {}, undefined, 'is not declared by the server'],
    [
      'a code that this client does not declare',
      {},
      { 'errors.GONE': 'a' },
      undefined,
      'is not declared by this client, and arrives as UNKNOWN',
    ],
    [
      'a code that this client answers with',
      { 'errors.GONE': 'a' },
      {},
      partsOfCallees,
      'is not declared by the server, and arrives as UNKNOWN',
    ],
    [
      'a code that this client does not answer with',
      {},
      { 'errors.GONE': 'a' },
      partsOfCallees,
      'is not declared by this client',
    ],
    [
      'a member that the server accepts as an additional member',
      { 'input.[]': 'a', 'input.b': 'c' },
      { 'input.[]': 'a' },
      undefined,
      'is not named by the server, which accepts members of any name there',
    ],
    [
      'a member that this client accepts as an additional member',
      { 'input.[]': 'a' },
      { 'input.[]': 'a', 'input.b': 'c' },
      undefined,
      'is not named by this client, which accepts members of any name there',
    ],
    [
      'a place that is optional for this client only',
      { 'output?': 'a' },
      { output: 'a' },
      undefined,
      'is optional for this client only',
    ],
    [
      'a place that is optional for the server only',
      { input: 'a' },
      { 'input?': 'a' },
      undefined,
      'is optional for the server only',
    ],
    [
      'a place that the server requires',
      { 'input?': 'a' },
      { input: 'a' },
      undefined,
      'is required by the server only',
    ],
    [
      'a place that this client requires',
      { output: 'a' },
      { 'output?': 'a' },
      undefined,
      'is required by this client only',
    ],
  ])('names the side: %s', (_, own, theirs, sent, text) => {
    expect(textOf(own, theirs, sent)).toEqual([text])
  })
})

describe('outlines of a procedure that the server calls', () => {
  it.each<[string, Outline, Outline, readonly string[]]>([
    [
      'a member only here, of an output',
      { output: 'a', 'output.b': 'c' },
      { output: 'a' },
      ['output.b loses'],
    ],
    [
      'a member that the server refuses, of an output',
      { output: 'a', 'output.b': 'c' },
      { 'output!': 'a' },
      ['output.b fails'],
    ],
    [
      'a member only there, of an output',
      { output: 'a' },
      { output: 'a', 'output.b': 'c' },
      ['output.b fails'],
    ],
    ['a member only here, of an input', { input: 'a', 'input.b': 'c' }, { input: 'a' }, ['input.b fails']],
    ['a member only there, of an item', { items: 'a' }, { items: 'a', 'items.b?': 'c' }, ['items.b works']],
    ['an error code only here', { 'errors.GONE': 'a' }, {}, ['errors.GONE loses']],
    ['an error code only there', {}, { 'errors.GONE': 'a' }, ['errors.GONE works']],
    [
      'a member that is optional only here, of the data of an error code',
      { 'errors.GONE.b?': 'a' },
      { 'errors.GONE.b': 'a' },
      ['errors.GONE.b fails'],
    ],
  ])('differ in %s', (_, own, theirs, differences) => {
    expect(told(own, theirs, partsOfCallees)).toEqual(differences)
  })
})

describe('two topics', () => {
  it('lose events if one has members of any name and the other a named member', () => {
    const own = { topic: 'a', 'topic.[]': 'b' }
    expect(told(own, { ...own, 'topic.c': 'd' })).toEqual(['topic.c loses'])
  })

  it('lose events if a member is optional on one side, whichever side it is', () => {
    const [always, perhaps] = [
      { topic: 'a', 'topic.b': 'c' },
      { topic: 'a', 'topic.b?': 'c' },
    ]
    expect(told(always, perhaps)).toEqual(['topic.b loses'])
    expect(told(perhaps, always)).toEqual(['topic.b loses'])
  })
})
