#include "stream_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

#include "../../base/check.h"

namespace frameport::stream_socket {

namespace {

const sockaddr* as_sockaddr(const Address& address) { return reinterpret_cast<const sockaddr*>(address.bytes); }

bool set(int descriptor, int level, int name, int value) {
  return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

// tcp(7): a socket is writable while fewer bytes than this wait to be sent for the first time.
bool set_not_sent_low(int descriptor, uint32_t bytes) {
  return set(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(bytes));
}

bool apply(int descriptor, int family, const SocketOptions& options) {
  if (options.reset_on_close) reset_on_close(descriptor);
  if (family == AF_UNIX) return true;
  if (options.no_delay && !set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)) return false;
  if (options.not_sent_low_bytes > 0 && !set_not_sent_low(descriptor, options.not_sent_low_bytes)) return false;
  if (options.keep_alive_idle_ms == 0) return true;
  // tcp(7) counts in whole seconds.
  const uint32_t seconds = std::max<uint32_t>(1, (options.keep_alive_idle_ms + 999) / 1000);
  return set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(std::min<uint32_t>(seconds, 32767)));
}

int fail(int descriptor) {
  const int status = errno;
  ::close(descriptor);
  return -status;
}

int create(int family) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return descriptor < 0 ? -errno : descriptor;
}

// Each returns a descriptor, or the negated error number with nothing left open.
int open_stream(const Address& address, const SocketOptions& options) {
  const int family = as_sockaddr(address)->sa_family;
  const int descriptor = create(family);
  if (descriptor < 0) return descriptor;
  return apply(descriptor, family, options) ? descriptor : fail(descriptor);
}

int open_listening(const Address& address, const ListenOptions& options) {
  const int family = as_sockaddr(address)->sa_family;
  const int descriptor = create(family);
  if (descriptor < 0) return descriptor;
  // socket(7), tcp(7): accepted sockets inherit these options from the listener.
  if (!apply(descriptor, family, options.socket)) return fail(descriptor);
  if (family != AF_UNIX) {
    if (!set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)) return fail(descriptor);
    if (options.reuse_port && !set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) return fail(descriptor);
    if (family == AF_INET6 && !set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only)) return fail(descriptor);
  }
  if (::bind(descriptor, as_sockaddr(address), address.length) != 0) return fail(descriptor);
  if (::listen(descriptor, options.backlog) != 0) return fail(descriptor);
  return descriptor;
}

}  // namespace

int32_t listen(Socket& socket, const Address& address, const ListenOptions& options) {
  const int descriptor = open_listening(address, options);
  if (descriptor < 0) return -descriptor;
  associate(socket, descriptor);
  socket.listening = true;
  return 0;
}

int32_t open(Socket& socket, const Address& address, const SocketOptions& options) {
  const int descriptor = open_stream(address, options);
  if (descriptor < 0) return -descriptor;
  associate(socket, descriptor);
  return 0;
}

void associate(Socket& socket, Handle descriptor) {
  socket = Socket{};
  socket.handle = descriptor;
}

int32_t try_not_sent_low() {
  int descriptor = create(AF_INET);
  // A machine may have only IPv6.
  if (descriptor < 0) descriptor = create(AF_INET6);
  if (descriptor < 0) return -descriptor;
  const int32_t status = set_not_sent_low(descriptor, 1) ? 0 : errno;
  ::close(descriptor);
  return status;
}

int32_t local_address(int descriptor, Address& address) {
  socklen_t length = sizeof address.bytes;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(address.bytes), &length) != 0) return errno;
  address.length = length;
  return 0;
}

int32_t remote_address(int descriptor, Address& address) {
  socklen_t length = sizeof address.bytes;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(address.bytes), &length) != 0) return errno;
  address.length = length;
  return 0;
}

void reset_on_close(int descriptor) {
  const linger now{1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

bool is_fault_of_the_peer(int status) {
  // accept(2): treat these like EAGAIN. Linux passes on network errors already pending on the new socket, which is lost
  // with them. EPERM is not among them: it comes from a filter of system calls or a security module, which would return
  // it again at once for the same connection.
  switch (status) {
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

void send_now(SendAttempt& attempt) {
  const SendPart* parts = attempt.parts;
  const uint32_t count = attempt.part_count;
  check(count > 0 && count <= kSendPartsMax, "a send has between one and kSendPartsMax parts");
  const int descriptor = static_cast<int>(attempt.socket->handle);
  ssize_t sent;
  do {
    // MSG_NOSIGNAL: a peer that is gone causes an error number here, never a signal that ends the process.
    if (count == 1) {
      sent = ::send(descriptor, parts[0].bytes, parts[0].length, MSG_NOSIGNAL);
    } else {
      iovec pieces[kSendPartsMax];
      for (uint32_t index = 0; index < count; index++) {
        pieces[index] = {const_cast<uint8_t*>(parts[index].bytes), parts[index].length};
      }
      msghdr header{};
      header.msg_iov = pieces;
      header.msg_iovlen = count;
      sent = sendmsg(descriptor, &header, MSG_NOSIGNAL);
    }
  } while (sent < 0 && errno == EINTR);
  // Done now: the kernel has copied these bytes, and the caller may reuse them.
  attempt.length = sent >= 0 ? static_cast<size_t>(sent) : 0;
  // No room (EAGAIN, ENOBUFS): nothing was taken, and the caller keeps all bytes. Broken: the same, and no later
  // attempt can succeed.
  attempt.status = sent >= 0 || errno == EAGAIN || errno == ENOBUFS ? 0 : errno;
}

void close(Socket& socket) {
  check(socket.handle != kNoHandle, "a socket is closed once");
  check(socket.input == nullptr && socket.output == nullptr, "a socket is closed after its last operation");
  const int descriptor = static_cast<int>(socket.handle);
  socket.handle = kNoHandle;
  ::close(descriptor);
}

}  // namespace frameport::stream_socket
