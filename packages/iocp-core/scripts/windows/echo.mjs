import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageFolder } from '../addon-variants.mjs'
import { bundleProgram } from './bundle.mjs'

const echoCommand = join(packageFolder, '../../apps/demo/src/commands/echo.ts')

/** The checking client of the demo, on this system's own best back end. */
function checkFromLinux(tcpPort) {
  const words = [
    '--conditions=@frameport/source',
    '--import',
    'tsx',
    echoCommand,
    'client',
    '127.0.0.1',
    tcpPort,
  ]
  const client = spawn(process.execPath, [...words, '--timeout', '60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  client.stdout.on('data', (text) => (output += text))
  return new Promise((resolve, reject) => {
    client.on('error', reject)
    client.on('close', (code) => resolve({ code, output: output.trim() }))
  })
}

/** The demo's echo server in Wine, checked by its client on Linux: two systems, two back ends, one wire. */
export async function echoAcrossSystems(wine, environment, bundleFolder) {
  const server = await bundleProgram(echoCommand, bundleFolder)
  let started
  const listening = new Promise((resolve) => {
    started = resolve
  })
  let output = ''
  const ended = wine.run(server, ['server', '0', '--backend', 'iocp'], {
    environment,
    timeoutMs: 100_000,
    show(text) {
      output += text
      const [, tcpPort] = output.match(/^listening (\d+) backend=iocp$/m) ?? []
      if (tcpPort !== undefined) started(tcpPort)
    },
  })
  const tcpPort = await Promise.race([listening, ended.then(() => undefined)])
  const checked = tcpPort === undefined ? { code: 1, output } : await checkFromLinux(tcpPort)
  // A signal of Linux does not reach it: this ends the server.
  wine.close()
  await ended
  return checked
}
