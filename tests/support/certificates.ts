import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** Certificates for tests, which are created at run time, so that none can expire. */

cryptoProvider.set(webcrypto as never)

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 24 * 60 * 60 * 1_000

export interface Issued {
  readonly cert: string
  readonly key: string
}

export interface IssueOptions {
  /** Default: those of this machine. */
  readonly names?: readonly JsonGeneralName[]
  /** In days from now. Default: from yesterday for a month. */
  readonly fromDays?: number
  readonly toDays?: number
  readonly usage?: 'server' | 'client'
}

const ownNames: readonly JsonGeneralName[] = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
]

/** An authority that issues certificates. */
export interface Authority {
  /** The certificate of the authority. */
  readonly cert: string
  issue(commonName: string, options?: IssueOptions): Promise<Issued>
}

export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await makeKeys()
  const own = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    notBefore: inDays(-1),
    notAfter: inDays(30),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  return { cert: own.toString('pem'), issue: (commonName, options) => issue(own, keys, commonName, options) }
}

async function issue(
  authority: X509Certificate,
  { privateKey: signingKey }: webcrypto.CryptoKeyPair,
  commonName: string,
  { names = ownNames, fromDays = -1, toDays = 30, usage = 'server' }: IssueOptions = {},
): Promise<Issued> {
  const keys = await makeKeys()
  const purpose = usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${commonName}`,
    issuer: authority.subject,
    notBefore: inDays(fromDays),
    notAfter: inDays(toDays),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false),
      new ExtendedKeyUsageExtension([purpose], false),
      new SubjectAlternativeNameExtension([...names]),
    ],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const lines = pkcs8.match(/.{1,64}/g) ?? []
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`,
  }
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

const inDays = (days: number) => new Date(Date.now() + days * dayMs)

const serialNumber = () =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^[89a-f]/, '7')
