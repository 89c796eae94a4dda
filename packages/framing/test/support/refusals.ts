import { expect } from 'vitest'
import { FramingError, framingErrorCodes } from '../../src/index.ts'

/** What `run` throws or rejects with, which must be a FramingError with a code of the table. */
export async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (!FramingError.is(error)) throw new Error(`no FramingError: ${String(error)}`, { cause: error })
    expect(framingErrorCodes).toHaveProperty(error.code)
    return error.code
  }
  throw new Error('nothing was thrown')
}

/** Writes into `written` whatever it is given. */
export function collector(written: Uint8Array[]): { write(bytes: Uint8Array): number } {
  return {
    write(bytes) {
      written.push(bytes)
      return bytes.length
    },
  }
}

/** What stands for no object, whatever is asked for. */
export const noObjects: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['text', 'text'],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a function', () => undefined],
]
