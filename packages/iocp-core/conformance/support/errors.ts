import assert from 'node:assert/strict'
import { IocpError, type IocpErrorCode } from '../../src/index.ts'

/** Asserts an IocpError with this code, and gives it back for a closer look. */
export function assertCode(error: unknown, code: IocpErrorCode): IocpError {
  assert.ok(IocpError.is(error), `expected an IocpError ${code}, got ${String(error)}`)
  assert.equal(error.code, code, error.message)
  return error
}

export async function rejectsWith(promise: Promise<unknown>, code: IocpErrorCode): Promise<IocpError> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return assertCode(error, code)
  }
  throw new Error(`expected a rejection with ${code}, got ${String(value)}`)
}

/**
 * Collects what reaches `uncaughtException` instead of ending the process, and puts the listeners of the test
 * runner back afterwards.
 */
export function collectUncaught(cleanUp: (task: () => void) => void): readonly unknown[] {
  const collected: unknown[] = []
  const runners = process.listeners('uncaughtException')
  const collect = (error: unknown) => collected.push(error)
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', collect)
  cleanUp(() => {
    process.off('uncaughtException', collect)
    for (const listener of runners) process.on('uncaughtException', listener)
  })
  return collected
}

/** Asserts that a case which tries many things found nothing wrong; the text names everything that it found. */
export function assertNone(faults: readonly string[]): void {
  assert.ok(faults.length === 0, `${faults.length} found: ${faults.join('\n')}`)
}
