import { z } from 'zod'
import { contract, procedure } from '../../src/index.ts'
import { type Change, nothing, withEvent, withInput, withOutput } from './changes.ts'

const takesNone = contract('c', { version: 1, procedures: { p: nothing } })
const givesNone = contract('c', { version: 1, procedures: { p: procedure({}) } })
const unclear = 'has rules that JSON Schema does not compare'

/** Changes that a comparison of types alone would judge wrongly. */
export const finerChanges: readonly Change[] = [
  [
    'a constant over a bound',
    withInput(z.literal('abc')),
    withInput(z.string().max(2)),
    [
      'old fails p input: may be "abc", which is not taken',
      'new fails p input: may be another value than "abc", which are all that is taken',
    ],
  ],
  [
    'a number over a bound',
    withOutput(z.int().max(2)),
    withOutput(z.literal(3)),
    [
      'old fails p output: may be 3, which is not taken',
      'new fails p output: may be another value than 3, which are all that is taken',
    ],
  ],
  [
    'a constant that a pattern takes',
    withInput(z.enum(['ab', 'ac'])),
    withInput(z.string().regex(/^a/)),
    ['new fails p input: may be another value than "ab", "ac", which are all that is taken'],
  ],
  [
    'a constant that a pattern refuses',
    withInput(z.enum(['ab', 'b'])),
    withInput(z.string().regex(/^a/)),
    [
      'old fails p input: may be "b", which is not taken',
      'new fails p input: may be another value than "ab", "b", which are all that is taken',
    ],
  ],
  [
    'an open edge closed',
    withInput(z.number().gt(5)),
    withInput(z.number().gte(5)),
    ['new fails p input: may be below exclusiveMinimum 5'],
  ],
  ['the same edge of whole numbers', withInput(z.int().gt(5)), withInput(z.int().min(6)), []],
  [
    'a multiple of a multiple',
    withInput(z.number().multipleOf(4)),
    withInput(z.number().multipleOf(2)),
    ['new fails p input: need not be a multiple of 4'],
  ],
  [
    'booleans become constants',
    withInput(z.boolean()),
    withInput(z.union([z.literal(true), z.literal(false)])),
    [],
  ],
  [
    'a boolean becomes one constant',
    withInput(z.boolean()),
    withInput(z.literal(true)),
    ['old fails p input: may be false, which is not taken'],
  ],
  [
    'an enumeration becomes a union of constants',
    withInput(z.enum(['a', 'b'])),
    withInput(z.union([z.literal('a'), z.literal('b')])),
    [],
  ],
  [
    'alternatives that exclude each other',
    withInput(z.string()),
    withInput(z.xor([z.string(), z.string().max(100)])),
    [`old unknown p input: ${unclear}`],
  ],
  [
    'an input that may be left out',
    takesNone,
    withInput(z.object({ a: z.number() }).optional()),
    ['new fails p input: is a value, where nothing is taken'],
  ],
  [
    'an output that may be left out',
    givesNone,
    withOutput(z.string().optional()),
    ['old fails p output: is a value, where nothing is taken'],
  ],
  [
    'an optional member of a topic added',
    withEvent(z.string(), { topic: z.object({ a: z.string() }) }),
    withEvent(z.string(), { topic: z.object({ a: z.string(), b: z.string().optional() }) }),
    [
      'old loses e topic: is another text there: events of it may not be heard',
      'new loses e topic.b: is not known there, and dropped',
    ],
  ],
  [
    'a pattern in place of another',
    withInput(z.string().startsWith('ab')),
    withInput(z.string().startsWith('a')),
    [
      'old unknown p input: has another pattern than ^a.*, which is asked for',
      'new unknown p input: has another pattern than ^ab.*, which is asked for',
    ],
  ],
]
