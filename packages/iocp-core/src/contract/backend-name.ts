/** The back ends, best first. */
export type BackendName = 'iocp' | 'io_uring' | 'epoll' | 'net'
