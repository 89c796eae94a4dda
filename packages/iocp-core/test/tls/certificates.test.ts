import { afterEach, describe, expect, test } from 'vitest'
import { type Authority, type Issued, makeAuthority } from '../../../../tests/support/certificates.ts'
import { until } from '../../../../tests/support/until.ts'
import { TlsHouse } from './tls-ends.ts'

const authority: Authority = await makeAuthority('Trusted')
const stranger: Authority = await makeAuthority('Unknown')
const good: Issued = await authority.issue('localhost')
const ca = authority.cert

let house: TlsHouse | undefined
const open = (options: Parameters<TlsHouse['listen']>[0]) => {
  house = new TlsHouse()
  return house.listen(options)
}
afterEach(async () => {
  await house?.close()
  house = undefined
})

describe('a client refuses a server', () => {
  test.each([
    [
      'whose certificate has expired',
      () => authority.issue('localhost', { fromDays: -9, toDays: -1 }),
      'has expired',
    ],
    [
      'whose certificate is not valid yet',
      () => authority.issue('localhost', { fromDays: 1 }),
      'not valid yet',
    ],
    [
      'whose certificate is for another name',
      () => authority.issue('x', { names: [{ type: 'dns', value: 'other.example' }] }),
      'for another name',
    ],
    [
      'whose certificate comes from an unknown authority',
      () => stranger.issue('localhost'),
      'not issued by an authority that this side trusts',
    ],
    [
      'whose certificate is for clients',
      () => authority.issue('localhost', { usage: 'client' }),
      'for another purpose',
    ],
  ])('%s, and says so', async (_, issue, text) => {
    const { refusal } = bound(await open(await issue()))
    const error = await refusal({ ca })
    expect(error).toMatchObject({ code: 'CERTIFICATE_REFUSED', message: expect.stringContaining(text) })
    expect(error).toMatchObject({ message: expect.stringMatching(/^tls:\/\/127\.0\.0\.1:\d+: /) })
  })

  test('that it does not trust by default', async () => {
    const { refusal } = bound(await open(good))
    expect(await refusal({})).toMatchObject({ code: 'CERTIFICATE_REFUSED' })
  })

  test('even if the environment disables the check of certificates', async () => {
    const { refusal } = bound(await open(good))
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      expect(await refusal({})).toMatchObject({ code: 'CERTIFICATE_REFUSED' })
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })
})

describe('a server that requires certificates of its clients', () => {
  const strict = () => open({ ...good, ca, requestClientCert: true })

  test('accepts one that its authority has issued, and knows the subject', async () => {
    const own = await strict()
    const client = await own.connect({ ca, ...(await authority.issue('anna', { usage: 'client' })) })
    client.connection.send(Buffer.from('hello'))
    await until(() => own.served[0]?.text === 'hello')
    expect(own.served[0]?.connection.tls?.peerCertificate?.subject).toBe('CN=anna')
    expect(client.connection.tls).toMatchObject({ version: 'TLSv1.3', protocol: 'frameport/1' })
    client.connection.abort()
  })

  test('refuses a client without one, and both sides say so', async () => {
    const own = await strict()
    expect(await own.refusal({ ca })).toMatchObject({
      code: 'REFUSED_BY_PEER',
      message: expect.stringContaining('requires a client certificate'),
    })
    expect(await own.served1()).toMatchObject({
      code: 'CERTIFICATE_REFUSED',
      message: expect.stringContaining('sent no certificate'),
    })
  })

  test.each([
    [
      'has expired',
      () => authority.issue('anna', { usage: 'client', fromDays: -9, toDays: -1 }),
      'has expired',
    ],
    [
      'an unknown authority has issued',
      () => stranger.issue('anna', { usage: 'client' }),
      'not issued by an authority that this side trusts',
    ],
    ['is for servers', () => authority.issue('anna', { usage: 'server' }), 'for another purpose'],
  ])('refuses one that %s, and delivers no byte of that client', async (_, issue, text) => {
    const own = await strict()
    expect(await own.refusal({ ca, ...(await issue()) })).toMatchObject({ code: 'CONNECTION_RESET' })
    expect(await own.served1()).toMatchObject({
      code: 'CERTIFICATE_REFUSED',
      message: expect.stringContaining(text),
    })
    expect(own.served[0]?.bytes).toBe(0)
  })
})

describe('a server that asks for certificates', () => {
  const asking = () => open({ ...good, ca, requestClientCert: 'optional' })

  test('accepts a client without one', async () => {
    const own = await asking()
    const client = await own.connect({ ca })
    client.connection.send(Buffer.from('hello'))
    await until(() => own.served[0]?.text === 'hello')
    expect(own.served[0]?.connection.tls?.peerCertificate).toBeUndefined()
    client.connection.abort()
  })

  test('refuses a wrong one', async () => {
    const own = await asking()
    const error = await own.refusal({ ca, ...(await stranger.issue('anna', { usage: 'client' })) })
    expect(error).toMatchObject({ code: 'CONNECTION_RESET' })
    expect(await own.served1()).toMatchObject({ code: 'CERTIFICATE_REFUSED' })
    expect(own.served[0]?.bytes).toBe(0)
  })
})

describe('certificates', () => {
  test('by name are sent to clients that ask for the name, and the default one to all others', async () => {
    const named = (name: string) => authority.issue(name, { names: [{ type: 'dns', value: name }] })
    const own = await open({
      ...good,
      serverNames: { 'a.example': await named('a.example'), '*.b.example': await named('*.b.example') },
    })
    const nameOf = async (serverName?: string) => {
      const { connection } = await own.connect({ ca, ...(serverName === undefined ? {} : { serverName }) })
      const { subject } = connection.tls?.peerCertificate ?? {}
      connection.abort()
      return subject
    }
    expect(await nameOf('a.example')).toBe('CN=a.example')
    expect(await nameOf('A.Example')).toBe('CN=a.example')
    expect(await nameOf('x.b.example')).toBe('CN=*.b.example')
    expect(await nameOf()).toBe('CN=localhost')
    expect(await nameOf('localhost')).toBe('CN=localhost')
    expect(await own.refusal({ ca, serverName: 'c.example' })).toMatchObject({ code: 'CERTIFICATE_REFUSED' })
    await until(() => own.served.some(({ connection }) => connection.tls?.serverName === 'x.b.example'))
  })

  test('are replaced without a restart: new handshakes use the new ones, and open connections continue', async () => {
    const own = await open(good)
    const before = await own.connect({ ca })
    own.listener.replaceCertificates(await stranger.issue('localhost'))
    expect(await own.refusal({ ca })).toMatchObject({ code: 'CERTIFICATE_REFUSED' })
    const after = await own.connect({ ca: stranger.cert })
    before.connection.send(Buffer.from('still here'))
    await until(() => own.served[0]?.text === 'still here')
    for (const { connection } of [before, after]) connection.abort()
  })

  test('that cannot be used are refused, and the old ones stay', async () => {
    const own = await open(good)
    const { key } = await authority.issue('localhost')
    const replace = (certificates: object) => () => own.listener.replaceCertificates(certificates)
    expect(replace({ cert: good.cert, key })).toThrow(/key is not the key of cert/)
    expect(replace({ cert: good.cert })).toThrow(/cert is given, but key is missing/)
    expect(replace({ certificate: good.cert })).toThrow(/there is no option 'certificate'|certificate/)
    const torn = ca.slice(0, ca.length / 2)
    for (const wrong of [torn, `${ca}\n${torn}`, good.key, ca.replace(/M/g, 'A')])
      expect(replace({ ca: wrong })).toThrow(expect.objectContaining({ code: 'INVALID_CERTIFICATES' }))
    const client = await own.connect({ ca })
    client.connection.abort()
  })

  test('that are replaced in part leave the rest unchanged: the trusted authorities and the names', async () => {
    const named = await authority.issue('a.example', { names: [{ type: 'dns', value: 'a.example' }] })
    const own = await open({ ...good, ca, requestClientCert: true, serverNames: { 'a.example': named } })
    own.listener.replaceCertificates(await authority.issue('localhost'))
    const anna = await authority.issue('anna', { usage: 'client' })
    for (const serverName of ['localhost', 'a.example']) {
      const client = await own.connect({ ca, ...anna, serverName })
      client.connection.send(Buffer.from('hello'))
      await until(() => own.served.at(-1)?.text === 'hello')
      client.connection.abort()
    }
    expect(await own.refusal({ ca, ...(await stranger.issue('anna', { usage: 'client' })) })).toMatchObject({
      code: 'CONNECTION_RESET',
    })
  })

  test('of clients cannot be requested without the authorities that may issue them', async () => {
    house = new TlsHouse()
    for (const requestClientCert of [true, 'optional'] as const)
      await expect(house.listen({ ...good, requestClientCert })).rejects.toMatchObject({
        code: 'INVALID_CERTIFICATES',
        message: expect.stringContaining('ca is missing'),
      })
  })

  test.each([
    [
      'a path',
      { cert: './cert.pem', key: good.key },
      'cert is not PEM (no line begins with -----BEGIN): it looks like the path of a file',
    ],
    ['a key alone', { key: good.key }, 'cert is missing'],
    ['a certificate alone', { cert: good.cert }, 'cert is given, but key is missing'],
    ['numbers', { cert: 5, key: 6 }, 'cert is a number, neither a string nor bytes'],
    ['no element', { cert: [], key: [] }, 'cert is an empty array'],
    [
      'garbage',
      { cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', key: good.key },
      'OpenSSL cannot use them',
    ],
  ])('that are %s are refused by listen, with the reason', async (_, certificates, text) => {
    house = new TlsHouse()
    const error = await house.listen(certificates as object).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'INVALID_CERTIFICATES', message: expect.stringContaining(text) })
  })

  test('never appear in an error', async () => {
    const own = new TlsHouse()
    house = own
    const secret = 'very secret key material'
    const given: readonly object[] = [
      { cert: good.cert, key: secret },
      { cert: good.cert, key: { pem: secret } },
      { cert: good.cert, key: [[secret]] },
      { ...good, serverNames: secret },
      { ...good, serverNames: { a: secret } },
      { ...good, serverNames: { a: { cert: good.cert, key: [secret] } } },
    ]
    for (const certificates of given) {
      const error = await own.listen(certificates).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(Error)
      expect(String((error as Error).message)).not.toContain(secret)
    }
  })
})

/** The methods of a house that are used without their object. */
function bound(own: TlsHouse) {
  return { refusal: own.refusal.bind(own) }
}
