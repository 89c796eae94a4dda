// node --import tsx client.ts URL NAME [TARGET]; Ctrl-C stops it, and the same command goes on later.
import { basename } from 'node:path'
import { isErrorOf } from '@frameport/client'
import { RpcError } from '@frameport/protocol'
import { files } from './contract.ts'
import { fetchFile } from './fetch-file.ts'

async function main([url, name, target]: string[]): Promise<number> {
  if (url === undefined || name === undefined) {
    console.error('client.ts URL NAME [TARGET]')
    return 2
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  try {
    const facts = await fetchFile({ url, name, target: target ?? basename(name), signal: stop.signal })
    console.log(`${facts.name}: ${facts.bytes} bytes, SHA-256 ${facts.sha256}`)
    return 0
  } catch (error) {
    if (stop.signal.aborted) console.error('stopped; the same command goes on')
    else if (isErrorOf(files.procedures.read, error) && error.code === 'CHANGED')
      console.error('The file has changed meanwhile. Try again to get the new one.')
    else if (RpcError.is(error)) console.error(`${error.code}: ${error.message}`)
    else console.error(error instanceof Error ? error.message : error)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
