import { procedure, RpcError } from '@frameport/protocol'
import type { Credit } from '@frameport/protocol/envelope'
import { type Upload, uploadWindows } from '@frameport/protocol/serving'
import { defaultSessionLimits } from '@frameport/protocol/session'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bodyOf, failureOf, served } from '../support/served-call.ts'

const sum = procedure({ upload: z.number(), output: z.any() })
type Uploading = { readonly upload: Upload<number> }

const readAll = async ({ upload }: Uploading) => {
  const items: number[] = []
  for await (const item of upload) items.push(item)
  return items
}

describe('the items of an upload', () => {
  it('are granted again after half of the window was read, in items or in bytes', async () => {
    const call = served(sum, readAll, {
      uploads: { window: { items: 4, bytes: 100 }, itemsMax: 4, announced: { items: 1, bytes: 60 } },
    })
    for (const bytes of [10, 10, 50, 10, 10]) call.item(bodyOf(1), bytes)
    call.endOfItems()
    await call.answered
    expect(call.sent.filter(([what]) => what === 'grant').map(([, credit]) => credit)).toEqual([
      { items: 3, bytes: 40 },
      { items: 2, bytes: 20 },
      { items: 1, bytes: 50 },
      { items: 2, bytes: 20 },
    ])
  })

  it('get twice the window after the handler had to wait, up to the limit', async () => {
    const size = { items: 4, bytes: 1_000 }
    const call = served(sum, readAll, { uploads: { window: size, itemsMax: 10, announced: size } })
    for (let number = 0; number < 12; number++) {
      // The handler reads each item before the next one arrives.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      call.item(bodyOf(1), 1)
    }
    call.endOfItems()
    await call.answered
    const items = call.sent.filter(([what]) => what === 'grant').map(([, credit]) => (credit as Credit).items)
    expect(items).toEqual([0, 2 + 4, 4 + 2, 5])
  })

  it('answer concurrent calls of next() in order', async () => {
    const call = served(sum, async ({ upload }: Uploading) => {
      const asked = [upload.next(), upload.next()]
      await Promise.resolve()
      call.item(bodyOf(1), 1)
      await asked[0]
      call.item(bodyOf(2), 1)
      return (await Promise.all(asked)).map(({ value }) => value)
    })
    await call.answered
    expect(call.sent).toContainEqual(['respond', bodyOf([1, 2])])
  })

  it('have ended for good, although the call is cancelled afterwards', async () => {
    const results: unknown[] = []
    const call = served(sum, async ({ upload }: Uploading) => {
      await readAll({ upload })
      call.controller.abort(new RpcError('CANCELLED', 'x'))
      results.push(await upload.next())
    })
    call.endOfItems()
    await call.done
    expect(results).toEqual([{ done: true, value: undefined }])
  })

  it('are refused when the handler disposes of its upload', async () => {
    const call = served(sum, async ({ upload }: Uploading) => {
      await upload[Symbol.asyncDispose]()
      return await upload.next()
    })
    call.item(bodyOf(1), 1)
    await call.answered
    expect(call.sent.slice(0, 2)).toEqual([['stop'], ['respond', bodyOf({ done: true, value: undefined })]])
  })

  it('that cannot be decoded fail the call with the reason, as one that may have run', async () => {
    const call = served(sum, readAll)
    call.item(() => new RpcError('INVALID_ARGUMENT', 'an item of the caller: no JSON'), 5_000)
    await call.answered
    expect(failureOf(call)).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'an item of the caller: no JSON',
      maybeExecuted: true,
    })
  })
})

it('an upload has the windows that the limits of its callee and of its session state, or their defaults', () => {
  const own = { uploadWindowItems: 4, uploadWindowBytes: 500 }
  expect(uploadWindows(own, { uploadItems: 7 })).toEqual({
    window: { items: 4, bytes: 500 },
    itemsMax: 4,
    announced: { items: 7, bytes: defaultSessionLimits.uploadBytes },
  })
})
