/** The back ends of the ladder, best first. */
export type BackendName = 'iocp' | 'io_uring' | 'epoll' | 'net'
