// The seam: the linker redirects the engine's calls of these functions to the fake kernel (`--wrap` of GNU ld and lld).
// Calls for other descriptors go to the real kernel.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <new>

#include "failure.h"
#include "kernel.h"
#include "sleeper.h"

using frameport::fuzz::fail;
using frameport::fuzz::kernel;
using frameport::fuzz::RingKernel;
using frameport::fuzz::Stream;

namespace {

int refuse(int status) {
  errno = status;
  return -1;
}

ssize_t answer(ssize_t result) { return result >= 0 ? result : refuse(static_cast<int>(-result)); }

// Writes the number of a stream as an address, so that a connection's address shows which stream it has.
int write_address(const Stream& stream, sockaddr* address, socklen_t* length) {
  if (stream.is_unix) {
    sockaddr_un form{};
    form.sun_family = AF_UNIX;
    // An unnamed address (unix(7)). The number follows after its end, so `length` does not include it.
    memcpy(form.sun_path + 4, &stream.id, sizeof stream.id);
    memcpy(address, &form, sizeof form);
    *length = sizeof form.sun_family;
    return 0;
  }
  sockaddr_in form{};
  form.sin_family = AF_INET;
  form.sin_addr.s_addr = stream.id;
  memcpy(address, &form, sizeof form);
  *length = sizeof form;
  return 0;
}

bool spurious() { return kernel->ill(kernel->mood().again); }

ssize_t send_parts(int descriptor, const iovec* parts, size_t count, int flags) {
  if ((flags & MSG_NOSIGNAL) == 0) fail("a send may end the process with a signal");
  Stream& stream = kernel->stream(descriptor);
  if (spurious()) {
    constexpr int kPassing[] = {EAGAIN, EINTR, ENOBUFS};
    return refuse(kernel->random().any(kPassing));
  }
  return answer(write_to(*kernel, stream, parts, count));
}

}  // namespace

extern "C" {

int __real_close(int descriptor);
ssize_t __real_read(int descriptor, void* bytes, size_t length);
ssize_t __real_write(int descriptor, const void* bytes, size_t length);
void* __real_mmap(void* address, size_t length, int rights, int flags, int descriptor, off_t offset);
int __real_munmap(void* address, size_t length);
long __real_syscall(long number, ...);
int __real_poll(pollfd* watched, nfds_t count, int patience);
void* __real__ZnwmRKSt9nothrow_t(size_t bytes, const std::nothrow_t& nothrow) noexcept;

void* __wrap__ZnwmRKSt9nothrow_t(size_t bytes, const std::nothrow_t& nothrow) noexcept {
  if (kernel != nullptr && kernel->refuses_memory()) return nullptr;
  return __real__ZnwmRKSt9nothrow_t(bytes, nothrow);
}

int __wrap_eventfd(unsigned int, int) { return kernel->add_eventfd(); }

int __wrap_epoll_create1(int) { return kernel->add_epoll(); }

int __wrap_socket(int family, int type, int) {
  if ((type & SOCK_NONBLOCK) == 0) fail("a socket is made that blocks");
  Stream& stream = kernel->make_stream();
  stream.is_unix = family == AF_UNIX;
  if (kernel->ill(kernel->mood().refused_watch)) return refuse(ENOBUFS);
  return kernel->add_stream(stream);
}

int __wrap_bind(int descriptor, const sockaddr*, socklen_t) {
  kernel->stream(descriptor);
  return 0;
}

int __wrap_listen(int descriptor, int) {
  kernel->stream(descriptor).state = Stream::State::listening;
  return 0;
}

int __wrap_accept4(int descriptor, sockaddr*, socklen_t*, int flags) {
  if (flags != (SOCK_NONBLOCK | SOCK_CLOEXEC)) fail("an accept makes sockets that block");
  Stream& listener = kernel->stream(descriptor);
  if (spurious()) return refuse(EINTR);
  if (!listener.backlog.empty() && kernel->ill(kernel->mood().accept_fault)) {
    constexpr int kFaults[] = {ECONNABORTED, EPROTO, EPERM, EMFILE, ENFILE, ENOMEM};
    const int fault = kernel->random().any(kFaults);
    listener.told.push_back(fault);
    if (fault == ECONNABORTED || fault == EPROTO || fault == EPERM) accept_from(listener);
    return refuse(fault);
  }
  Stream* accepted = accept_from(listener);
  return accepted == nullptr ? refuse(EAGAIN) : kernel->add_stream(*accepted);
}

int __wrap_connect(int descriptor, const sockaddr*, socklen_t) {
  Stream& stream = kernel->stream(descriptor);
  if (kernel->ill(4)) {
    stream.state = Stream::State::established;
    return 0;
  }
  if (kernel->ill(8)) {
    stream.told.push_back(ENETUNREACH);
    return refuse(ENETUNREACH);
  }
  stream.state = Stream::State::connecting;
  return refuse(kernel->ill(4) ? EINTR : EINPROGRESS);
}

ssize_t __wrap_recv(int descriptor, void* bytes, size_t length, int) {
  Stream& stream = kernel->stream(descriptor);
  if (spurious()) {
    constexpr int kPassing[] = {EAGAIN, EINTR};
    return refuse(kernel->random().any(kPassing));
  }
  if (length == 0) fail("a receive without room: its answer would look like the end (rule 6)");
  return answer(read_from(*kernel, stream, static_cast<uint8_t*>(bytes), length));
}

ssize_t __wrap_send(int descriptor, const void* bytes, size_t length, int flags) {
  const iovec part{const_cast<void*>(bytes), length};
  return send_parts(descriptor, &part, 1, flags);
}

ssize_t __wrap_sendmsg(int descriptor, const msghdr* message, int flags) {
  return send_parts(descriptor, message->msg_iov, message->msg_iovlen, flags);
}

int __wrap_shutdown(int descriptor, int how) {
  if (how != SHUT_WR) fail("a shutdown of more than the sending side");
  const int status = shut_down(kernel->stream(descriptor));
  return status == 0 ? 0 : refuse(status);
}

int __wrap_setsockopt(int descriptor, int level, int name, const void*, socklen_t) {
  Stream& stream = kernel->stream(descriptor);
  if (level == SOL_SOCKET && name == SO_LINGER) stream.linger_reset = true;
  return kernel->ill(kernel->mood().refused_watch) ? refuse(ENOBUFS) : 0;
}

int __wrap_getsockopt(int descriptor, int level, int name, void* value, socklen_t*) {
  if (level != SOL_SOCKET || name != SO_ERROR) fail("an unknown socket option is read");
  *static_cast<int*>(value) = take_error(kernel->stream(descriptor));
  return 0;
}

int __wrap_getsockname(int descriptor, sockaddr* address, socklen_t* length) {
  return write_address(kernel->stream(descriptor), address, length);
}

int __wrap_getpeername(int descriptor, sockaddr* address, socklen_t* length) {
  return write_address(kernel->stream(descriptor), address, length);
}

int __wrap_epoll_ctl(int epoll, int action, int descriptor, epoll_event* event) {
  const int status = kernel->epoll(epoll).control(action, descriptor, event);
  return status == 0 ? 0 : refuse(status);
}

int __wrap_epoll_wait(int epoll, epoll_event* events, int capacity, int patience) {
  if (patience != 0) fail("epoll_wait blocks the thread of JavaScript");
  return static_cast<int>(answer(kernel->epoll(epoll).wait(events, capacity)));
}

int __wrap_poll(pollfd* watched, nfds_t count, int patience) {
  if (kernel == nullptr || count == 0 || !kernel->is_fake(watched[0].fd)) return __real_poll(watched, count, patience);
  return static_cast<int>(answer(frameport::fuzz::poll_descriptors(*kernel, watched, count, patience)));
}

int __wrap_close(int descriptor) {
  if (kernel == nullptr || !kernel->is_fake(descriptor)) return __real_close(descriptor);
  kernel->close(descriptor);
  return 0;
}

ssize_t __wrap_read(int descriptor, void* bytes, size_t length) {
  if (kernel == nullptr || !kernel->is_fake(descriptor)) return __real_read(descriptor, bytes, length);
  uint64_t* counter = kernel->eventfd(descriptor);
  if (counter == nullptr || length != sizeof *counter) fail("a read of something that is no eventfd");
  if (*counter == 0) return refuse(EAGAIN);
  memcpy(bytes, counter, sizeof *counter);
  *counter = 0;
  return sizeof *counter;
}

ssize_t __wrap_write(int descriptor, const void* bytes, size_t length) {
  if (kernel == nullptr || !kernel->is_fake(descriptor)) return __real_write(descriptor, bytes, length);
  uint64_t* counter = kernel->eventfd(descriptor);
  if (counter == nullptr || length != sizeof *counter) fail("a write to something that is no eventfd");
  uint64_t added;
  memcpy(&added, bytes, sizeof added);
  *counter += added;
  return sizeof *counter;
}

// The memory of a ring comes from the heap, so that a sanitizer reports accesses outside it.
void* __wrap_mmap(void* address, size_t length, int rights, int flags, int descriptor, off_t offset) {
  if (kernel == nullptr || !kernel->is_fake(descriptor)) {
    return __real_mmap(address, length, rights, flags, descriptor, offset);
  }
  void* memory = kernel->ring(descriptor).map(static_cast<uint64_t>(offset), length);
  if (memory == nullptr) fail("mmap of a ring has a wrong offset or length");
  return memory;
}

int __wrap_munmap(void* address, size_t length) {
  RingKernel* ring = kernel == nullptr ? nullptr : kernel->only_ring();
  return ring != nullptr && ring->unmap(address) ? 0 : __real_munmap(address, length);
}

long __wrap_syscall(long number, ...) {
  unsigned long words[6];
  va_list arguments;
  va_start(arguments, number);
  for (unsigned long& word : words) word = va_arg(arguments, unsigned long);
  va_end(arguments);
  switch (number) {
    case SYS_io_uring_setup: {
      auto& parameters = *reinterpret_cast<io_uring_params*>(words[1]);
      const auto submissions = static_cast<uint32_t>(words[0]);
      return kernel->add_ring(std::make_unique<RingKernel>(*kernel, submissions, parameters));
    }
    case SYS_io_uring_enter:
      return answer(kernel->ring(static_cast<int>(words[0]))
                        .enter(static_cast<uint32_t>(words[1]), static_cast<uint32_t>(words[2]),
                               static_cast<uint32_t>(words[3])));
    case SYS_io_uring_register:
      return answer(kernel->ring(static_cast<int>(words[0]))
                        .register_with(static_cast<unsigned>(words[1]), reinterpret_cast<void*>(words[2]),
                                       static_cast<unsigned>(words[3])));
    default:
      return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
  }
}

}  // extern "C"
