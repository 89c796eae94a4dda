// System calls of the Linux back ends, taken over by the linker as in wrapped_calls.cc. Each fails as its manual page
// says it may when there is no memory or no descriptor left.
#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "../points.h"

using frameport::injection::fails;
using frameport::injection::Point;

extern "C" {

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument);
int __real_epoll_create1(int flags);
int __real_eventfd(unsigned int count, int flags);
int __real_socket(int family, int type, int protocol);
int __real_accept4(int listener, sockaddr* address, socklen_t* length, int flags);
int __real_epoll_ctl(int epoll, int action, int descriptor, epoll_event* event);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  return fails(Point::thread) ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

int __wrap_epoll_create1(int flags) {
  if (!fails(Point::descriptor)) return __real_epoll_create1(flags);
  errno = EMFILE;
  return -1;
}

int __wrap_eventfd(unsigned int count, int flags) {
  if (!fails(Point::descriptor)) return __real_eventfd(count, flags);
  errno = ENFILE;
  return -1;
}

int __wrap_socket(int family, int type, int protocol) {
  if (!fails(Point::socket)) return __real_socket(family, type, protocol);
  errno = ENOBUFS;
  return -1;
}

int __wrap_accept4(int listener, sockaddr* address, socklen_t* length, int flags) {
  if (!fails(Point::accept)) return __real_accept4(listener, address, length, flags);
  errno = ENFILE;
  return -1;
}

int __wrap_epoll_ctl(int epoll, int action, int descriptor, epoll_event* event) {
  // Only adding takes memory: a change of what is watched already does not fail on a valid descriptor.
  if (action != EPOLL_CTL_ADD || !fails(Point::watch)) return __real_epoll_ctl(epoll, action, descriptor, event);
  errno = ENOSPC;
  return -1;
}

}  // extern "C"
