import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * Makes a self-signed elliptic-curve certificate for 127.0.0.1, valid for a day, as `cert.pem` and `key.pem` in the folder. Returns the
 * variables that pass it to programs.
 *
 * @throws Error if there is no openssl
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
