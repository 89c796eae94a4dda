import { safe } from '@frameport/client'
import { contract, procedure } from '@frameport/protocol'
import { implement } from '@frameport/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startedPair } from './started-pair.ts'

const Data = z.object({ free: z.string() })
const Checked = Data.refine(async ({ free }) => free !== '', 'is empty').transform(async ({ free }) =>
  Number(free),
)

const shopOf = <Errors extends Readonly<Record<string, z.ZodType>>>(errors: Errors) =>
  contract('shop', {
    version: 1,
    procedures: {
      take: procedure({ input: z.string(), errors }),
      list: procedure({ input: z.string(), items: z.number(), errors }),
    },
  })
const atServer = shopOf({ TAKEN: Data })
const atClient = shopOf({ TAKEN: Checked })

const shop = implement(atServer).handlers({
  take: ({ input, errors }) => {
    throw errors.TAKEN({ free: input }, 'It is taken.')
  },
  // biome-ignore lint/correctness/useYield: it fails before its first item.
  async *list({ input, errors }) {
    throw errors.TAKEN({ free: input }, 'It is taken.')
  },
})

describe('Error data with an asynchronous schema', () => {
  it.each(['take', 'list'] as const)(
    'are validated before the client receives the error of %s',
    async (name) => {
      const { client, run, close } = await startedPair(atClient, shop)
      const call = async (input: string) => {
        const { error } =
          name === 'take' ? await safe(client.take(input)) : await safe(client.list(input).next())
        return error
      }
      expect(await run(call('7'))).toMatchObject({ code: 'TAKEN', message: 'It is taken.', data: 7 })
      const refused = await run(call(''))
      expect(refused).toMatchObject({ code: 'INTERNAL', data: { issues: [{ text: 'is empty' }] } })
      expect(refused?.cause).toMatchObject({ code: 'TAKEN', data: { free: '' } })
      await close()
    },
  )
})
