import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { rejectsWith } from '../../conformance/support/errors.ts'
import { allZero } from '../../conformance/support/eventually.ts'
import { createCompletionPort, IocpError, limits, probe } from '../../src/index.ts'
import { errnoName } from '../../src/native/errno-name.ts'

/* Checks that iocp reports what it cannot do, and that Node.js for Windows has names for the error numbers from C++. */
const nobody = () => undefined

const [iocp] = probe()
assert.deepEqual([iocp?.backend, iocp?.available], ['iocp', true])
assert.ok(
  iocp?.steps.every(({ ok }) => ok),
  JSON.stringify(iocp),
)
const automatic = createCompletionPort()
assert.equal(automatic.backend, 'iocp')
await automatic.close()

const port = createCompletionPort({ backend: 'iocp', workers: limits.workers.max })
const unsupported = [`unix:\\\\.\\pipe\\frameport-${process.pid}`, 'unix:C:/frameport.sock']
for (const endpoint of unsupported) {
  await rejectsWith(port.listen(endpoint, nobody), 'ENDPOINT_UNSUPPORTED')
  await rejectsWith(port.connect(endpoint), 'ENDPOINT_UNSUPPORTED')
}
const reused = await rejectsWith(
  port.listen('tcp://127.0.0.1:0', nobody, { reusePort: true }),
  'OPTION_UNSUPPORTED',
)
assert.equal(reused.systemCode, 'EOPNOTSUPP')

const listener = await port.listen('tcp://127.0.0.1:0', nobody, { keepAliveIdleMs: 5_000 })
const inUse = await rejectsWith(port.listen(listener.endpoint, nobody), 'ADDRESS_IN_USE')
assert.equal(inUse.systemCode, 'EADDRINUSE')
const elsewhere = await rejectsWith(port.listen('tcp://192.0.2.1:0', nobody), 'ADDRESS_UNAVAILABLE')
assert.equal(elsewhere.systemCode, 'EADDRNOTAVAIL')
const client = await port.connect(listener.endpoint, { keepAliveIdleMs: 5_000 })
client.abort()
await listener.close()
const refused = await rejectsWith(port.connect(listener.endpoint), 'CONNECTION_REFUSED')
assert.equal(refused.systemCode, 'ECONNREFUSED')
await port.close()
assert.ok(allZero(port.counters), JSON.stringify(port.counters))

for (const backend of ['epoll', 'io_uring'] as const) {
  assert.throws(
    () => createCompletionPort({ backend }),
    (error) => IocpError.is(error) && error.code === 'BACKEND_UNAVAILABLE',
  )
}
assert.throws(
  () => createCompletionPort({ backend: 'net', workers: 1 }),
  (error) => IocpError.is(error) && error.code === 'OPTION_UNSUPPORTED',
)

/* All names to which native/os/windows/system_status.cc translates, and those that the engine returns. */
const names =
  'ECANCELED ENOMEM ENOBUFS EMFILE ECONNRESET ECONNABORTED ECONNREFUSED ETIMEDOUT ENETUNREACH EHOSTUNREACH ENETDOWN ' +
  'EPIPE ENOTCONN EISCONN EALREADY EINPROGRESS EAGAIN EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EPROTONOSUPPORT ' +
  'EOPNOTSUPP ENOPROTOOPT EACCES EFAULT EINVAL ENOTSOCK EBADF EINTR EMSGSIZE EIO ENOSYS ENAMETOOLONG'
for (const name of names.split(' ')) {
  const number = (constants.errno as Record<string, number | undefined>)[name]
  assert.ok(number !== undefined, `Node for Windows has no ${name}`)
  assert.equal(errnoName(number), name)
}
process.stdout.write('refused as told\n')
