/** The back ends of the ladder, best first. `iocp` and `io_uring` are names of the contract, not built yet. */
export type BackendName = 'iocp' | 'io_uring' | 'epoll' | 'net'
