#!/usr/bin/env node
// What `npx @frameport/iocp-core doctor` runs. A file of its own, because npm links commands when it installs, and a
// clone has no build by then.
import { existsSync } from 'node:fs'

const built = new URL('../dist/doctor.js', import.meta.url)

if (existsSync(built)) {
  await import(built.href)
} else {
  const { tsImport } = await import('tsx/esm/api')
  await tsImport('../src/doctor/main.ts', import.meta.url)
}
