import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import type { Draw } from '../../../../tests/support/draw.ts'

const pageBytes = 4096

/** Damages a file. @returns the maximum number of changed pages */
export type Damage = (path: string, draw: Draw) => number

export const damages: Readonly<Record<string, Damage>> = {
  'cut at a random place': (path, draw) => {
    const { length } = readFileSync(path)
    const kept = draw.int(1, length - 1)
    truncateSync(path, kept)
    return Math.ceil(length / pageBytes) - Math.floor(kept / pageBytes)
  },
  'random pages overwritten': (path, draw) => {
    const bytes = readFileSync(path)
    const pages = draw.int(1, 4)
    for (let page = 0; page < pages; page++) {
      const at = draw.int(0, Math.floor((bytes.length - 1) / pageBytes)) * pageBytes
      const length = Math.min(pageBytes, bytes.length - at)
      for (let offset = 0; offset < length; offset++) bytes[at + offset] = draw.int(0, 255)
    }
    writeFileSync(path, bytes)
    return pages
  },
  'random pages of zeros': (path, draw) => {
    const bytes = readFileSync(path)
    const pages = draw.int(1, 4)
    for (let page = 0; page < pages; page++) {
      const at = draw.int(0, Math.floor((bytes.length - 1) / pageBytes)) * pageBytes
      bytes.fill(0, at, at + pageBytes)
    }
    writeFileSync(path, bytes)
    return pages
  },
  'random bytes changed': (path, draw) => {
    const bytes = readFileSync(path)
    const changes = draw.int(1, 8)
    for (let change = 0; change < changes; change++) {
      const at = draw.int(0, bytes.length - 1)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << draw.int(0, 7))
    }
    writeFileSync(path, bytes)
    return changes
  },
  'its header gone': (path, draw) => {
    const bytes = readFileSync(path)
    for (let offset = 0; offset < 100; offset++) bytes[offset] = draw.int(0, 255)
    writeFileSync(path, bytes)
    return 1
  },
}
