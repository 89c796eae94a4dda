import { expect } from 'vitest'
import { FramingError, framingErrorCodes } from '../../src/index.ts'

/** The code of the error that `run` throws or rejects with, which must be a FramingError with a code of the table. */
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

/** A sink that appends every chunk to `written`. */
export function collector(written: Uint8Array[]): { write(bytes: Uint8Array): number } {
  return {
    write(bytes) {
      written.push(bytes)
      return bytes.length
    },
  }
}

/** Values that are not objects. */
export const noObjects: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['text', 'text'],
  ['a symbol', Symbol('s')],
  ['a bigint', 1n],
  ['a function', () => undefined],
]
