#include "stream_socket.h"

#include <errno.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <mstcpip.h>

#include <cstring>

#include "../../base/check.h"
#include "loopback.h"
#include "system_status.h"

namespace frameport::stream_socket {

namespace {

// As TCP_KEEPINTVL of Windows without a setting: a probe each second once the idle time is over.
constexpr ULONG kKeepAliveIntervalMs = 1000;

// From ws2def.h of the Windows SDK; the headers of mingw do not have it.
constexpr int kReuseUnicastPort = 0x3007;

// The length to which listen(2) of Windows reduces a plain number.
constexpr int32_t kPlainBacklogMax = 200;

SOCKET socket_of(Handle handle) { return static_cast<SOCKET>(handle); }

const sockaddr* as_sockaddr(const Address& address) { return reinterpret_cast<const sockaddr*>(address.bytes); }

bool set(Handle handle, int level, int name, DWORD value) {
  return setsockopt(socket_of(handle), level, name, reinterpret_cast<const char*>(&value), sizeof value) == 0;
}

// Closes after a failed call and returns its error number.
int32_t fail(Handle handle) {
  const int32_t status = last_socket_status();
  close(handle);
  return status;
}

int32_t bind_any(Handle handle, int family) {
  sockaddr_storage any{};
  any.ss_family = static_cast<ADDRESS_FAMILY>(family);
  const int length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  const bool bound = ::bind(socket_of(handle), reinterpret_cast<const sockaddr*>(&any), length) == 0;
  return bound ? 0 : last_socket_status();
}

// SOMAXCONN_HINT(N), which is -N, asks for N between 200 and 65,535 (listen on learn.microsoft.com).
int backlog_word(int32_t backlog) { return backlog > kPlainBacklogMax ? -backlog : backlog; }

template <typename Get>
int32_t read_address(Get get, Handle handle, Address& address) {
  int length = sizeof address.bytes;
  if (get(socket_of(handle), reinterpret_cast<sockaddr*>(address.bytes), &length) != 0) return last_socket_status();
  address.length = static_cast<uint32_t>(length);
  return 0;
}

}  // namespace

int family_of(const Address& address) { return as_sockaddr(address)->sa_family; }

int32_t create(int family, Handle& handle) {
  const SOCKET made = WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                                 WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (made == INVALID_SOCKET) return last_socket_status();
  handle = static_cast<Handle>(made);
  u_long non_blocking = 1;
  return ioctlsocket(made, FIONBIO, &non_blocking) == 0 ? 0 : fail(handle);
}

int32_t apply(Handle handle, const SocketOptions& options) {
  if (options.reset_on_close) reset_on_close(handle);
  if (options.no_delay && !set(handle, IPPROTO_TCP, TCP_NODELAY, 1)) return last_socket_status();
  if (options.keep_alive_idle_ms == 0) return 0;
  // SIO_KEEPALIVE_VALS instead of TCP_KEEPIDLE, which only newer versions of Windows 10 have.
  tcp_keepalive keep_alive{1, options.keep_alive_idle_ms, kKeepAliveIntervalMs};
  DWORD answered = 0;
  const int failed = WSAIoctl(socket_of(handle), SIO_KEEPALIVE_VALS, &keep_alive, sizeof keep_alive, nullptr, 0,
                              &answered, nullptr, nullptr);
  return failed == 0 ? 0 : last_socket_status();
}

int32_t open(const Address& address, const SocketOptions& options, Handle& handle) {
  const int family = family_of(address);
  int32_t status = create(family, handle);
  if (status != 0) return status;
  status = apply(handle, options);
  // An IPv4 address written as an IPv6 one is reached by a dual-stack socket. If there is no IPv4, the error of the
  // connect explains it better.
  if (family == AF_INET6) set(handle, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  // The port that bind picks is from the range that all programs share, and stays taken: this option shares it with
  // connections to other destinations, like one that connect() picks (SOL_SOCKET options on learn.microsoft.com). Older
  // versions of Windows do not support it.
  set(handle, SOL_SOCKET, kReuseUnicastPort, 1);
  fail_fast(handle, address);
  if (status == 0) status = bind_any(handle, family);
  if (status != 0) close(handle);
  return status;
}

int32_t open_listening(const Address& address, const ListenOptions& options, Handle& handle) {
  const int family = family_of(address);
  const int32_t status = create(family, handle);
  if (status != 0) return status;
  // Neither SO_REUSEADDR, which lets any program take over the port here, nor SO_EXCLUSIVEADDRUSE, which refuses the
  // port while connections accepted from it are in TIME_WAIT (libuv, src/win/tcp.c, uv__tcp_try_bind).
  const bool set_v6_only = family != AF_INET6 || set(handle, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only);
  // Without an IPv4 stack there is no IPv4 port to share.
  if (!set_v6_only && options.ipv6_only) return fail(handle);
  const int length = static_cast<int>(address.length);
  if (::bind(socket_of(handle), as_sockaddr(address), length) != 0) return fail(handle);
  return ::listen(socket_of(handle), backlog_word(options.backlog)) == 0 ? 0 : fail(handle);
}

int32_t local_address(Handle handle, Address& address) { return read_address(getsockname, handle, address); }

int32_t remote_address(Handle handle, Address& address) { return read_address(getpeername, handle, address); }

void reset_on_close(Handle handle) {
  const linger now{1, 0};
  setsockopt(socket_of(handle), SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof now);
}

void close(Handle handle) {
  // Non-blocking and without a linger time, it cannot wait; whatever it returns, the handle is gone.
  if (closesocket(socket_of(handle)) != 0) check(WSAGetLastError() != WSAENOTSOCK, "a socket is closed once");
}

}  // namespace frameport::stream_socket
