import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runServer } from 'verdaccio'

export interface Registry {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string
  close(): Promise<void>
}

/** A proxy in front of a registry, which passes on only permitted requests. */
export type Gate = (serve: RequestListener, ...exchange: Parameters<RequestListener>) => void

/**
 * A registry on loopback that has none of our packages until they are published. Packages of others come from the registry
 * that npm is configured with.
 */
export async function openRegistry(gate?: Gate): Promise<Registry> {
  const storage = mkdtempSync(join(tmpdir(), 'frameport-registry-'))
  const upstream = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  const server = (await runServer({
    configPath: join(storage, 'config.yaml'),
    self_path: storage,
    storage: join(storage, 'packages'),
    uplinks: { upstream: { url: upstream, cache: false, timeout: '60s' } },
    packages: {
      '@frameport/*': { access: '$all', publish: '$all' },
      '**': { access: '$all', proxy: 'upstream' },
    },
    auth: { htpasswd: { file: join(storage, 'htpasswd') } },
    log: { type: 'stdout', level: 'fatal' },
    // The largest tarball of the release is far smaller.
    max_body_size: '50mb',
  } as never)) as Server
  if (gate !== undefined) {
    const [serve] = server.listeners('request') as RequestListener[]
    server.removeAllListeners('request')
    server.on('request', (request, response) => gate(serve as RequestListener, request, response))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(storage, { recursive: true, force: true })
    },
  }
}

/** Settings of npm, in a folder: it requires a token before it sends anything, and this registry accepts any. */
export function settingsFor(registry: string, folder: string): string {
  const file = join(folder, 'npmrc')
  writeFileSync(file, `${registry.replace('http:', '')}:_authToken=of-loopback\n`)
  return file
}
