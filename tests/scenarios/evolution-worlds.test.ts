import { safe } from '@frameport/client'
import { contract, event, procedure } from '@frameport/protocol'
import { expect } from 'vitest'
import { z } from 'zod'
import { lab } from './lab-contract.ts'
import { inEveryWorld } from './setup.ts'

const Text = z.object({ text: z.string() })

/**
 * The lab as a client in another state knows it: `echo` and the items of `count` have more members, and an event
 * differs.
 */
const changed = contract('lab', {
  version: lab.version,
  procedures: {
    ...lab.procedures,
    echo: procedure({
      input: Text.extend({ loud: z.boolean().optional() }),
      output: Text.extend({ at: z.number() }),
    }),
    count: procedure({ input: z.object({ to: z.number().int() }), items: z.string() }),
  },
  events: { ...lab.events, notice: event(z.object({ text: z.string() })) },
})
const later = contract('lab', { version: lab.version + 1, procedures: { nothing: procedure({}) } })

inEveryWorld((stage, scenario) => {
  scenario(
    'a client learns how the contract of the server differs, and its errors name the differences',
    async () => {
      const { world, server, log } = stage()
      const quiet = { onContractDifferences: () => undefined }
      const client = await world.connect(server, changed, quiet)
      const { error } = await world.run(safe(client.echo({ text: 'a', loud: true })))
      expect(error?.message).toMatch(
        /; client and server have different versions of this procedure; they differ in: output\.at.*$/,
      )
      const item = await world.run(safe(client.count({ to: 3 }).next()))
      expect(item.error?.message).toMatch(/; they differ in: items$/)
      expect(await world.run(client.nothing())).toBeUndefined()
      const found = await world.run(client.$connection.differences())
      expect(found?.map(({ member, place }) => `${member} ${place}`).sort()).toEqual(
        [
          'count items',
          'echo input.loud',
          'echo input.text',
          'echo output.at',
          'echo output.text',
          'notice payload',
        ].sort(),
      )
      const other = await world.connect(server, changed, quiet)
      await world.run(other.$connection.differences())
      expect(
        log.filter(
          ({ text }) => text === 'a client and this server have different fingerprints of a contract',
        ),
      ).toHaveLength(1)
    },
  )

  scenario('a strict client calls only procedures that are equal on both sides', async () => {
    const { world, server } = stage()
    const client = await world.connect(server, changed, {
      strict: true,
      onContractDifferences: () => undefined,
    })
    const answers = [
      safe(client.echo({ text: 'a' })),
      safe(client.nothing()),
      safe(client.count({ to: 1 }).next()),
    ]
    const settled = await world.run(
      Promise.all(answers as Promise<{ readonly error?: { readonly code: string } }>[]),
    )
    expect(settled.map(({ error }) => error?.code)).toEqual([
      'FAILED_PRECONDITION',
      undefined,
      'FAILED_PRECONDITION',
    ])
  })

  scenario(
    'a client with a version that the server does not serve gets an error with the served versions',
    async () => {
      const { world, server } = stage()
      const client = await world.connect(server, later, { onContractDifferences: () => undefined })
      for (const settled of [safe(client.$connection.opened()), safe(client.nothing())]) {
        const { error } = await world.run(settled)
        expect(error).toMatchObject({ code: 'UNIMPLEMENTED' })
        expect(error?.message).toMatch(/serves (?:lab in )?version 1[.:]/)
      }
    },
  )
})
