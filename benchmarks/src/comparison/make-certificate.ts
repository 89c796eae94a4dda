import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * Makes a certificate of an elliptic curve for 127.0.0.1, which signs itself and lasts for a day, as `cert.pem` and `key.pem` in the folder. Gives the
 * variables that tell programs of it.
 *
 * @throws Error when there is no openssl
 */
export function makeCertificate(folder: string): Readonly<Record<string, string>> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    join(folder, 'key.pem'),
  ]
  const facts = ['-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...key, '-out', join(folder, 'cert.pem'), ...facts], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return { FRAMEPORT_BENCH_CERTIFICATE: folder }
}
