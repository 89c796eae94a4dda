import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The certificate of a server for 127.0.0.1, which signs itself, in files that the comparison has made before it starts programs. */
export function certificate(): { readonly cert: Buffer; readonly key: Buffer } {
  const folder = process.env.FRAMEPORT_BENCH_CERTIFICATE
  if (folder === undefined) throw new Error('FRAMEPORT_BENCH_CERTIFICATE does not name a folder.')
  return { cert: readFileSync(join(folder, 'cert.pem')), key: readFileSync(join(folder, 'key.pem')) }
}
