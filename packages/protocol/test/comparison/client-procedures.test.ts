import { expect, it } from 'vitest'
import { z } from 'zod'
import { compareContracts } from '../../src/comparison/index.ts'
import { contract, procedure } from '../../src/index.ts'

const state = (clientProcedures?: Parameters<typeof contract>[1]['clientProcedures']) =>
  contract('c', {
    version: 1,
    procedures: { p: procedure({}) },
    ...(clientProcedures === undefined ? {} : { clientProcedures }),
  })
const told = (...[before, after]: Parameters<typeof compareContracts>) =>
  compareContracts(before, after).map(
    ({ client, outcome, member, place, text }) => `${client} ${outcome} ${member} ${place}: ${text}`,
  )
const Name = z.object({ name: z.string() })
const Nick = z.object({ name: z.string(), nick: z.string() })

it('a new client procedure fails old clients when the server calls it', () => {
  expect(told(state(), state({ ask: procedure({}) }))).toEqual([
    'old fails clientProcedures.ask : is not there',
  ])
})

it('the input of a client procedure goes to clients, and its output comes from them', () => {
  const before = state({ ask: procedure({ input: Name, output: Name }) })
  const after = state({ ask: procedure({ input: Nick, output: Nick }) })
  expect(told(before, after)).toEqual([
    'old loses clientProcedures.ask input.nick: is not known there, and dropped',
    'old fails clientProcedures.ask output.nick: is required there, and may be missing',
    'new fails clientProcedures.ask input.nick: is required there, and may be missing',
    'new loses clientProcedures.ask output.nick: is not known there, and dropped',
  ])
})

it('equal client procedures have no differences', () => {
  expect(told(state({ ask: procedure({}) }), state({ ask: procedure({}) }))).toEqual([])
})
