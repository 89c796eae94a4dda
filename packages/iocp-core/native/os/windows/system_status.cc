#include "system_status.h"

#include <errno.h>
#include <winsock2.h>

#include <windows.h>

namespace frameport {

namespace {

struct Translation {
  uint32_t system;
  int32_t error_number;
};

// Overlapped operations end with errors of the system where the same call would end with one of Winsock: both forms
// are here. A receive or send that ends with ERROR_NETNAME_DELETED was reset by the peer.
constexpr Translation kTranslations[] = {
    {WSA_OPERATION_ABORTED, ECANCELED},
    {WSAECANCELLED, ECANCELED},
    {WSA_E_CANCELLED, ECANCELED},
    {WSA_NOT_ENOUGH_MEMORY, ENOMEM},
    {ERROR_OUTOFMEMORY, ENOMEM},
    {ERROR_NO_SYSTEM_RESOURCES, ENOBUFS},
    {ERROR_WORKING_SET_QUOTA, ENOBUFS},
    {WSAENOBUFS, ENOBUFS},
    {WSAEMFILE, EMFILE},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
    {ERROR_NETNAME_DELETED, ECONNRESET},
    {WSAECONNRESET, ECONNRESET},
    {WSAENETRESET, ECONNRESET},
    {ERROR_CONNECTION_ABORTED, ECONNABORTED},
    {WSAECONNABORTED, ECONNABORTED},
    {ERROR_CONNECTION_REFUSED, ECONNREFUSED},
    {ERROR_PORT_UNREACHABLE, ECONNREFUSED},
    {WSAECONNREFUSED, ECONNREFUSED},
    {ERROR_SEM_TIMEOUT, ETIMEDOUT},
    {WSAETIMEDOUT, ETIMEDOUT},
    {ERROR_NETWORK_UNREACHABLE, ENETUNREACH},
    {WSAENETUNREACH, ENETUNREACH},
    {ERROR_HOST_UNREACHABLE, EHOSTUNREACH},
    {WSAEHOSTUNREACH, EHOSTUNREACH},
    {ERROR_HOST_DOWN, EHOSTUNREACH},
    {WSAEHOSTDOWN, EHOSTUNREACH},
    {WSAENETDOWN, ENETDOWN},
    {WSAESHUTDOWN, EPIPE},
    {WSAENOTCONN, ENOTCONN},
    {WSAEISCONN, EISCONN},
    {WSAEALREADY, EALREADY},
    {WSAEINPROGRESS, EINPROGRESS},
    {WSAEWOULDBLOCK, EAGAIN},
    {WSAEADDRINUSE, EADDRINUSE},
    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL},
    {WSAEAFNOSUPPORT, EAFNOSUPPORT},
    {WSAEPROTONOSUPPORT, EPROTONOSUPPORT},
    {WSAEOPNOTSUPP, EOPNOTSUPP},
    {WSAENOPROTOOPT, ENOPROTOOPT},
    {WSAEACCES, EACCES},
    {ERROR_ACCESS_DENIED, EACCES},
    {WSAEFAULT, EFAULT},
    {WSAEINVAL, EINVAL},
    {ERROR_INVALID_PARAMETER, EINVAL},
    {WSAENOTSOCK, ENOTSOCK},
    {WSAEBADF, EBADF},
    {ERROR_INVALID_HANDLE, EBADF},
    {WSAEINTR, EINTR},
    {WSAEMSGSIZE, EMSGSIZE},
    {WSASYSNOTREADY, ENETDOWN},
};

}  // namespace

int32_t errno_of(uint32_t system_error) {
  for (const Translation& translation : kTranslations) {
    if (translation.system == system_error) return translation.error_number;
  }
  return static_cast<int32_t>(system_error);
}

bool lacks_memory(int32_t status) { return status == ENOBUFS || status == ENOMEM; }

int32_t last_socket_status() {
  const int error = WSAGetLastError();
  return error == 0 ? EIO : errno_of(static_cast<uint32_t>(error));
}

int32_t last_system_status() {
  const DWORD error = GetLastError();
  return error == 0 ? EIO : errno_of(error);
}

}  // namespace frameport
