export type { Pem, TlsCertificates } from './tls/certificates.ts'
export { connectTls } from './tls/connect-tls.ts'
export { listenTls, type TlsListener } from './tls/listen-tls.ts'
export type {
  TlsClientOptions,
  TlsConnectOptions,
  TlsListenOptions,
  TlsServerOptions,
} from './tls/options.ts'
export type { Watermarks } from './tls/send-queue.ts'
export type { ServerCertificates } from './tls/server-certificates.ts'
export type { TlsConnection } from './tls/tls-connection.ts'
export { parseTlsEndpoint, type TcpEndpoint, type TlsEndpoint, tlsUrl } from './tls/tls-endpoint.ts'
export type { TlsFacts } from './tls/tls-facts.ts'
