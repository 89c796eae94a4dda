import { describe, expect, test } from 'vitest'
import { errnoToCode } from '../src/errno-to-code.ts'
import { IocpError, type IocpErrorCode, iocpErrorCodes } from '../src/index.ts'

describe('the code of a system error', () => {
  test.each<[string, Parameters<typeof errnoToCode>[1], IocpErrorCode]>([
    ['EADDRINUSE', 'listen', 'ADDRESS_IN_USE'],
    ['EADDRNOTAVAIL', 'listen', 'ADDRESS_UNAVAILABLE'],
    ['EACCES', 'listen', 'PERMISSION_DENIED'],
    ['EOPNOTSUPP', 'listen', 'OPTION_UNSUPPORTED'],
    ['EAFNOSUPPORT', 'listen', 'ENDPOINT_UNSUPPORTED'],
    ['ECONNREFUSED', 'connect', 'CONNECTION_REFUSED'],
    ['ENOENT', 'connect', 'CONNECTION_REFUSED'],
    ['ENOTDIR', 'connect', 'CONNECTION_REFUSED'],
    ['ENOENT', 'listen', 'SYSTEM_ERROR'],
    ['ECONNRESET', 'receive', 'CONNECTION_RESET'],
    ['EPIPE', 'send', 'CONNECTION_RESET'],
    ['ETIMEDOUT', 'connect', 'CONNECT_TIMEOUT'],
    ['ETIMEDOUT', 'receive', 'CONNECTION_TIMED_OUT'],
    ['EHOSTUNREACH', 'connect', 'UNREACHABLE'],
    ['ENETUNREACH', 'connect', 'UNREACHABLE'],
    ['EMFILE', 'accept', 'TOO_MANY_FILES'],
    ['ENFILE', 'accept', 'TOO_MANY_FILES'],
    ['ENOBUFS', 'accept', 'OUT_OF_MEMORY'],
    ['ECONNABORTED', 'accept', 'CONNECTION_ABORTED'],
    ['ENOTFOUND', 'resolve', 'HOST_NOT_FOUND'],
    ['EAI_AGAIN', 'resolve', 'HOST_NOT_FOUND'],
    ['EXOTIC', 'send', 'SYSTEM_ERROR'],
  ])('%s in a %s is %s', (systemCode, operation, code) => {
    expect(errnoToCode(systemCode, operation)).toBe(code)
  })
})

describe('IocpError', () => {
  test('says what happened, to what, and what to do, and keeps the cause', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const error = IocpError.from(cause, 'connect', 'tcp://127.0.0.1:1')
    expect(error).toMatchObject({
      name: 'IocpError',
      code: 'CONNECTION_REFUSED',
      systemCode: 'ECONNREFUSED',
      cause,
    })
    expect(error.message).toContain('tcp://127.0.0.1:1')
    expect(error.message).toContain(iocpErrorCodes.CONNECTION_REFUSED.happened)
    expect(error.message).toContain(iocpErrorCodes.CONNECTION_REFUSED.fix)
  })

  test('advises to check the path if the address has no host and port', () => {
    for (const [systemCode, fix] of [
      ['ECONNREFUSED', 'Start the server, or check the path.'],
      [
        'ENOENT',
        'The path does not exist: start the server, or correct the path. Its folder may be missing.',
      ],
      ['ENOTDIR', 'A part of the path is a file, not a folder: correct the path.'],
      ['ENOTSOCK', 'The path is not a socket: correct it.'],
    ] as const) {
      const { message } = IocpError.fromErrno(systemCode, 'connect', 'unix:/run/echo.sock')
      expect(message).toBe(
        `connect unix:/run/echo.sock (${systemCode}): Nothing listens at the address. ${fix}`,
      )
    }
    expect(IocpError.fromErrno('ENOENT', 'listen', 'unix:/run/absent/echo.sock').message).toMatch(
      /\(ENOENT\): .* The folder of the path is missing: create it, or correct the path\.$/,
    )
    expect(IocpError.fromErrno('ENOTDIR', 'listen', 'unix:/etc/hosts/echo.sock').message).toMatch(
      /\(ENOTDIR\): .* A part of the path is a file, not a folder: correct the path\.$/,
    )
    expect(IocpError.fromErrno('ENOENT', 'listen', 'tcp://127.0.0.1:1').message).toMatch(/See errno\(3\)\.$/)
    expect(IocpError.fromErrno('EACCES', 'connect', 'unix:/run/echo.sock').message).toMatch(
      /a path that this user may write to\.$/,
    )
  })

  test('is not wrapped in another IocpError', () => {
    const error = new IocpError('PORT_CLOSED')
    expect(IocpError.from(error, 'send')).toBe(error)
  })

  test('takes any thrown value as the cause', () => {
    const error = IocpError.from('a string', 'send')
    expect(error).toMatchObject({ code: 'SYSTEM_ERROR', cause: 'a string' })
  })

  test('is recognised by its brand across copies of the package', async () => {
    const path = '../src/iocp-error.ts?another-copy'
    const copy = (await import(/* @vite-ignore */ path)) as { IocpError: typeof IocpError }
    expect(copy.IocpError).not.toBe(IocpError)
    expect(IocpError.is(new copy.IocpError('PORT_CLOSED'))).toBe(true)
    expect(IocpError.is(new Error('PORT_CLOSED'))).toBe(false)
    expect(IocpError.is(null)).toBe(false)
    expect(IocpError.is('IocpError')).toBe(false)
  })

  test('has a sentence for what happened and one for what to do under every code', () => {
    for (const [code, { happened, fix }] of Object.entries(iocpErrorCodes)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
      expect(happened).toMatch(/^[A-Z].*\.$/)
      expect(fix).toMatch(/\.$/)
    }
  })
})
