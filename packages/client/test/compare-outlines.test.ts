import { describe, expect, it } from 'vitest'
import { compareOutlines } from '../src/differences/compare-outlines.ts'

const told = (own: Readonly<Record<string, string>>, theirs: Readonly<Record<string, string>>) =>
  compareOutlines(own, theirs).map(({ place, outcome }) => `${place} ${outcome}`)

describe('two outlines', () => {
  it('differ in nothing when they are the same', () => {
    const one = { input: 'a', 'input.b?': 'c', 'errors.GONE': 'd', topic: 'e' }
    expect(told(one, { ...one })).toEqual([])
  })

  it.each<[string, Record<string, string>, Record<string, string>, readonly string[]]>([
    ['a member only here, of an input', { input: 'a', 'input.b': 'c' }, { input: 'a' }, ['input.b loses']],
    [
      'one that the other side refuses',
      { 'input!': 'a', 'input.b?': 'c' },
      { 'input!': 'a' },
      ['input.b fails'],
    ],
    ['a member only there, of an input', { input: 'a' }, { input: 'a', 'input.b': 'c' }, ['input.b fails']],
    ['one that may be missing', { input: 'a' }, { input: 'a', 'input.b?': 'c' }, ['input.b works']],
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
    ['what may be missing here, in an upload', { 'upload.b?': 'a' }, { 'upload.b': 'a' }, ['upload.b fails']],
    [
      'what may be missing there, in an upload',
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
    ['one that may be missing', { output: 'a', 'output.b?': 'c' }, { output: 'a' }, ['output.b works']],
    ['a member only there, of an item', { items: 'a' }, { items: 'a', 'items.b': 'c' }, ['items.b loses']],
    ['one that this side refuses', { 'items!': 'a' }, { 'items!': 'a', 'items.b': 'c' }, ['items.b fails']],
    ['a code only here', { 'errors.GONE': 'a' }, {}, ['errors.GONE works']],
    ['a code only there', {}, { 'errors.GONE': 'a', 'errors.GONE.b': 'c' }, ['errors.GONE loses']],
    ['the data of a code', { 'errors.GONE': 'a' }, { 'errors.GONE': 'b' }, ['errors.GONE unknown']],
    [
      'a member of the data of a code',
      { 'errors.GONE': 'a' },
      { 'errors.GONE': 'a', 'errors.GONE.b': 'c' },
      ['errors.GONE.b loses'],
    ],
    ['a topic', { topic: 'a' }, { topic: 'b' }, ['topic loses']],
    ['a member of a topic', { topic: 'a', 'topic.b?': 'c' }, { topic: 'a' }, ['topic.b loses']],
    ['what may be missing here, in an input', { 'input.b?': 'a' }, { 'input.b': 'a' }, ['input.b fails']],
    ['what may be missing there, in an input', { 'input.b': 'a' }, { 'input.b?': 'a' }, ['input.b works']],
    [
      'what may be missing here, in a payload',
      { 'payload.b?': 'a' },
      { 'payload.b': 'a' },
      ['payload.b works'],
    ],
    [
      'what may be missing there, in a payload',
      { 'payload.b': 'a' },
      { 'payload.b?': 'a' },
      ['payload.b fails'],
    ],
    ['members of any name, only there', { input: 'a' }, { input: 'a', 'input.[]': 'c' }, ['input.[] works']],
    ['members of any name, only here', { input: 'a', 'input.[]': 'c' }, { input: 'a' }, ['input.[] loses']],
    [
      'members of any name that only this client takes',
      { output: 'a', 'output.[]': 'c' },
      { output: 'a' },
      ['output.[] works'],
    ],
    [
      'a member that the server takes as one of any name',
      { input: 'a', 'input.b': 'c' },
      { input: 'a', 'input.[]': 'd' },
      ['input.b unknown', 'input.[] works'],
    ],
    [
      'a member that this client takes as one of any name',
      { output: 'a', 'output.[]': 'd' },
      { output: 'a', 'output.b': 'c' },
      ['output.[] works', 'output.b unknown'],
    ],
    ['a hash', { input: 'a', 'input.b': 'c' }, { input: 'a', 'input.b': 'd' }, ['input.b unknown']],
    ['a name that begins like a part', { inputs: 'a' }, { inputs: 'a', 'inputs.b': 'c' }, ['inputs.b loses']],
  ])('differ in %s', (_, own, theirs, differences) => {
    expect(told(own, theirs)).toEqual(differences)
  })

  it('say nothing of what is below a place that only one of them has', () => {
    expect(told({ input: 'a', 'input.b': 'c', 'input.b.d': 'e' }, { input: 'a' })).toEqual(['input.b loses'])
    expect(told({ input: 'a' }, { input: 'a', 'input."b.c"': 'c', 'input."b.c".d': 'e' })).toEqual([
      'input."b.c" fails',
    ])
  })

  it('say nothing of what only one of them has below a place that is another one anyhow', () => {
    expect(told({ input: 'text' }, { input: 'object', 'input.b': 'c' })).toEqual(['input unknown'])
  })

  it('say what both have below it', () => {
    const differences = told({ input: 'a', 'input.b': 'c' }, { 'input!': 'x', 'input.b': 'd' })
    expect(differences).toEqual(['input unknown', 'input.b unknown'])
  })

  it('compare a part that one of them lists with one hash as a whole', () => {
    const listed = { input: 'a', 'input.b': 'c', 'input.b.d': 'e' }
    expect(told(listed, { 'input*': 'x' })).toEqual(['input unknown'])
    expect(told({ 'input?*': 'x' }, { 'input?*': 'x' })).toEqual([])
  })
})
