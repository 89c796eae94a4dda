import { contract, procedure } from '@frameport/protocol'
import { compareContracts } from '@frameport/protocol/comparison'
import { z } from 'zod'

const User = z.object({ name: z.string() })
const released = contract('people', { version: 1, procedures: { join: procedure({ input: User }) } })
const current = contract('people', {
  version: 1,
  procedures: { join: procedure({ input: User.extend({ nick: z.string() }) }) },
})

for (const { client, outcome, member, place, text } of compareContracts(released, current))
  console.log(`${client} client ${outcome}: ${place} of ${member} ${text}`)
//> old client fails: input.nick of join is required there, and may be missing
//> new client loses: input.nick of join is not known there, and dropped
