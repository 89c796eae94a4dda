import type { BackendName } from '@frameport/iocp-core'

export function backEnds(): Promise<BackendName[]>
export function exercise(backend: BackendName): Promise<void>
