import type { Body } from '../../envelope/codec.ts'
import type { RpcError } from '../../rpc-error.ts'

/** An unread item, with the wire size of its body. */
export interface ArrivedItem {
  /** A long body is decoded when it is read. */
  readonly body: Body | (() => Body | RpcError)
  readonly bytes: number
}

/** One whose memory its reader counts. */
export interface CountedItem extends ArrivedItem {
  /** The memory that it holds until it is read, as an estimate. */
  readonly heldBytes: number
}

/** @returns the error instead of the body, if it cannot be decoded */
export function bodyOfItem({ body }: ArrivedItem): Body | RpcError {
  return typeof body === 'function' ? body() : body
}

/** Like {@link bodyOfItem}, but copies raw bytes, so that the caller may overwrite or transfer them. */
export function copyOfItem(arrived: ArrivedItem): Body | RpcError {
  const body = bodyOfItem(arrived)
  return 'bytes' in body ? { kind: 'raw', bytes: Uint8Array.from(body.bytes) } : body
}
