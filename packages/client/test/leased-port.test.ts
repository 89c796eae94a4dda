import { expect, it } from 'vitest'
import { sharePort } from '../src/tcp/shared-port.ts'

const nobody = 'tcp://127.0.0.1:1'
/** The code with which a port fails to connect to an address where nobody listens. */
const refusal = (port: ReturnType<typeof sharePort>['port']) =>
  port.connect(nobody).then(
    () => 'connected',
    (error: { readonly code: string }) => error.code,
  )

it('a shared port stays open until all its users have released it, and the next user gets another one', async () => {
  const [one, two] = [sharePort('net'), sharePort('net')]
  expect(two.port).toBe(one.port)
  one.release()
  expect(await refusal(one.port)).toBe('CONNECTION_REFUSED')
  const three = sharePort('net')
  expect(three.port).toBe(one.port)
  two.release()
  three.release()
  expect(await refusal(one.port)).toBe('PORT_CLOSED')
  const next = sharePort('net')
  expect(next.port).not.toBe(one.port)
  next.release()
})
