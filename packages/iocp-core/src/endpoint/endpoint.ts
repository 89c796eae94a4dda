/**
 * An address to listen at or to connect to. If the system has no addresses of its family, `listen` and `connect` reject with
 * `ENDPOINT_UNSUPPORTED`; no other family is substituted.
 */
export type Endpoint =
  | {
      readonly kind: 'tcp'
      /** An IPv4 address, an IPv6 address without brackets, or a host name. */
      readonly host: string
      /** From 0 to 65,535. 0 stands for any free port, in `listen` only. */
      readonly port: number
    }
  | {
      readonly kind: 'unix'
      /** The path of the socket, at most 107 bytes in UTF-8 (103 on macOS); on Windows the name of a pipe. */
      readonly path: string
    }
