export { type WebSocketChannelOptions, webSocketChannel } from './web-socket/web-socket-channel.ts'
export type { CloseLike, ConnectionLike, MessageLike, WebSocketLike } from './web-socket/web-socket-like.ts'
