// System calls of the Linux back ends, wrapped by the linker as in wrapped_calls.cc. Each fails as its manual page
// permits if there is no memory or no descriptor left.
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "../../../backends/io_uring/kernel_abi.h"
#include "../points.h"

using frameport::injection::fails;
using frameport::injection::Point;

namespace {

constexpr int kPasses = 0;

// The error of this system call, by its number; 0 if it goes through.
int status_of(long number, unsigned long operation) {
  namespace ring = frameport::io_uring;
  if (number == ring::kSysSetup && fails(Point::ring_setup)) return ENOMEM;
  // Releasing does not fail on a valid ring.
  const bool takes = operation != ring::kUnregisterBuffers;
  if (number == ring::kSysRegister && takes && fails(Point::ring_register)) return ENOMEM;
  // No memory for requests at this moment: nothing was taken.
  if (number == ring::kSysEnter && fails(Point::ring_enter)) return EAGAIN;
  return kPasses;
}

int refuse(int status) {
  errno = status;
  return -1;
}

}  // namespace

extern "C" {

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument);
int __real_epoll_create1(int flags);
int __real_eventfd(unsigned int count, int flags);
int __real_socket(int family, int type, int protocol);
int __real_accept4(int listener, sockaddr* address, socklen_t* length, int flags);
ssize_t __real_recv(int socket, void* bytes, size_t length, int flags);
ssize_t __real_send(int socket, const void* bytes, size_t length, int flags);
ssize_t __real_sendmsg(int socket, const msghdr* message, int flags);
int __real_epoll_ctl(int epoll, int action, int descriptor, epoll_event* event);
void* __real_mmap(void* address, size_t length, int rights, int flags, int descriptor, off_t offset);
long __real_syscall(long number, ...);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  return fails(Point::thread) ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

int __wrap_epoll_create1(int flags) {
  return fails(Point::descriptor) ? refuse(EMFILE) : __real_epoll_create1(flags);
}

int __wrap_eventfd(unsigned int count, int flags) {
  return fails(Point::descriptor) ? refuse(ENFILE) : __real_eventfd(count, flags);
}

int __wrap_socket(int family, int type, int protocol) {
  return fails(Point::socket) ? refuse(ENOBUFS) : __real_socket(family, type, protocol);
}

int __wrap_accept4(int listener, sockaddr* address, socklen_t* length, int flags) {
  return fails(Point::accept) ? refuse(ENFILE) : __real_accept4(listener, address, length, flags);
}

ssize_t __wrap_recv(int socket, void* bytes, size_t length, int flags) {
  return fails(Point::receive) ? refuse(ENOMEM) : __real_recv(socket, bytes, length, flags);
}

ssize_t __wrap_send(int socket, const void* bytes, size_t length, int flags) {
  return fails(Point::send) ? refuse(ENOBUFS) : __real_send(socket, bytes, length, flags);
}

ssize_t __wrap_sendmsg(int socket, const msghdr* message, int flags) {
  return fails(Point::send) ? refuse(ENOMEM) : __real_sendmsg(socket, message, flags);
}

int __wrap_epoll_ctl(int epoll, int action, int descriptor, epoll_event* event) {
  // Only adding takes memory: modifying a watched descriptor does not fail while it is valid.
  const bool refused = action == EPOLL_CTL_ADD && fails(Point::watch);
  return refused ? refuse(ENOSPC) : __real_epoll_ctl(epoll, action, descriptor, event);
}

void* __wrap_mmap(void* address, size_t length, int rights, int flags, int descriptor, off_t offset) {
  if (!fails(Point::map)) return __real_mmap(address, length, rights, flags, descriptor, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}

// A system call takes at most six words; it ignores those that were not passed.
long __wrap_syscall(long number, ...) {
  unsigned long words[6];
  va_list arguments;
  va_start(arguments, number);
  for (unsigned long& word : words) word = va_arg(arguments, unsigned long);
  va_end(arguments);
  const int status = status_of(number, words[1]);
  if (status != kPasses) return refuse(status);
  return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

}  // extern "C"
