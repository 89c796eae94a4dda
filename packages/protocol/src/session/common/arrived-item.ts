import type { Body } from '../../envelope/codec.ts'
import type { RpcError } from '../../rpc-error.ts'

/** An item that nobody has read, with what its body took on the wire. */
export interface ArrivedItem {
  /** A long one is decoded when it is read. */
  readonly body: Body | (() => Body | RpcError)
  readonly bytes: number
}

/** One whose memory its reader counts. */
export interface CountedItem extends ArrivedItem {
  /** What it holds until it is read, as an estimate. */
  readonly heldBytes: number
}

/** @returns why it cannot be decoded, in place of its body */
export function bodyOfItem({ body }: ArrivedItem): Body | RpcError {
  return typeof body === 'function' ? body() : body
}

/** As {@link bodyOfItem}, with raw bytes of its own, which the caller may overwrite or transfer. */
export function copyOfItem(arrived: ArrivedItem): Body | RpcError {
  const body = bodyOfItem(arrived)
  return 'bytes' in body ? { kind: 'raw', bytes: Uint8Array.from(body.bytes) } : body
}
