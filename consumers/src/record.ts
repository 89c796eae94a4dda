import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The source of the tables of docs/platforms.md: only this file writes it. */
const file = fileURLToPath(new URL('../results.json', import.meta.url))

/** One runtime over one back end. */
export interface RuntimeResult {
  /** `Node.js 20.19.0 on Linux x64` */
  readonly runtime: string
  readonly backend: string
  /** `171 passed, 0 failed, 3 skipped` */
  readonly suite: string
  readonly readme: string
  readonly chat: string
}

/** One package manager, and the runtime that ran the installed program. */
export interface ConsumerResult {
  /** `npm 11.19.1` */
  readonly installedBy: string
  /** `Node.js 20.20.2` */
  readonly runBy: string
  readonly backend: string
}

/** One bundler and one format: the choice of the bundle wherever it found the addon. */
export interface BundlerResult {
  /** `esbuild 0.28.2` */
  readonly bundledBy: string
  readonly format: string
  readonly backend: string
}

/** One compiler that accepts the installed types. */
export interface TypesResult {
  /** `TypeScript 5.9.3` */
  readonly compiler: string
  /** `nodenext`, `bundler` */
  readonly resolutions: readonly string[]
}

/** The published addon with the oldest supported libraries. */
export interface FloorResult {
  /** `glibc 2.17, libstdc++ 6.0.19` */
  readonly libraries: string
  /** `Node.js 17.9.1` */
  readonly runBy: string
  readonly backend: string
}

interface Results {
  readonly runtimes: readonly RuntimeResult[]
  readonly consumers: readonly ConsumerResult[]
  readonly bundlers: readonly BundlerResult[]
  readonly types: readonly TypesResult[]
  readonly floor: readonly FloorResult[]
}

/** Replaces a part of the results by those of a complete run in which everything passed. */
export function record(part: Partial<Results>): void {
  writeFileSync(file, `${JSON.stringify({ ...recorded(), ...part }, undefined, 2)}\n`)
}

/** Replaces the row of one runtime over one back end; without a result, because a test failed, the row is removed. */
export function recordRuntime(runtime: string, backend: string, result: RuntimeResult | undefined): void {
  const { runtimes } = recorded()
  const isSame = (row: RuntimeResult) => row.runtime === runtime && row.backend === backend
  const place = runtimes.findIndex(isSame)
  const rows = runtimes.filter((row) => !isSame(row))
  if (result !== undefined) rows.splice(place < 0 ? rows.length : place, 0, result)
  record({ runtimes: rows })
}

function recorded(): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}
