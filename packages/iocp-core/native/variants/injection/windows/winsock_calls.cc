// Calls of Windows, wrapped by the linker as in wrapped_calls.cc: the addon reaches them through pointers named
// `__imp_…`, so the pointers are wrapped. Each fails as its documentation permits if resources are short.
#include <winsock2.h>

#include <mswsock.h>
#include <windows.h>
#include <ws2tcpip.h>

#include <cstring>

#include "../asked_calls.h"
#include "../points.h"

using frameport::injection::fails;
using frameport::injection::note_asked_call;
using frameport::injection::Point;

extern "C" {
extern decltype(&WSASocketW) __real___imp_WSASocketW;
extern decltype(&WSARecv) __real___imp_WSARecv;
extern decltype(&WSASend) __real___imp_WSASend;
extern decltype(&WSAIoctl) __real___imp_WSAIoctl;
extern decltype(&setsockopt) __real___imp_setsockopt;
extern decltype(&getsockopt) __real___imp_getsockopt;
extern decltype(&listen) __real___imp_listen;
extern decltype(&CancelIoEx) __real___imp_CancelIoEx;
extern decltype(&CreateIoCompletionPort) __real___imp_CreateIoCompletionPort;
extern decltype(&CreateThread) __real___imp_CreateThread;
extern decltype(&GetProcAddress) __real___imp_GetProcAddress;
}

namespace {

LPFN_ACCEPTEX real_accept = nullptr;
LPFN_CONNECTEX real_connect = nullptr;

int refuse(int error) {
  WSASetLastError(error);
  return SOCKET_ERROR;
}

SOCKET WSAAPI make_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags) {
  if (!fails(Point::socket)) return __real___imp_WSASocketW(family, type, protocol, info, group, flags);
  WSASetLastError(WSAENOBUFS);
  return INVALID_SOCKET;
}

int WSAAPI receive(SOCKET socket, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                   LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (fails(Point::receive)) return refuse(WSAENOBUFS);
  return __real___imp_WSARecv(socket, buffers, count, received, flags, overlapped, routine);
}

int WSAAPI send_bytes(SOCKET socket, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                      LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  if (fails(Point::send)) return refuse(WSAENOBUFS);
  return __real___imp_WSASend(socket, buffers, count, sent, flags, overlapped, routine);
}

BOOL WSAAPI accept_connection(SOCKET listener, SOCKET accepted, PVOID buffer, DWORD data, DWORD local, DWORD remote,
                              LPDWORD received, LPOVERLAPPED overlapped) {
  if (!fails(Point::accept)) {
    return real_accept(listener, accepted, buffer, data, local, remote, received, overlapped);
  }
  WSASetLastError(WSAENETDOWN);
  return FALSE;
}

BOOL WSAAPI connect_socket(SOCKET socket, const sockaddr* name, int length, PVOID buffer, DWORD data, LPDWORD sent,
                           LPOVERLAPPED overlapped) {
  if (name->sa_family == AF_INET) {
    note_asked_call("ConnectEx to", ntohl(reinterpret_cast<const sockaddr_in*>(name)->sin_addr.s_addr));
  } else {
    // The last four bytes distinguish the addresses of a test.
    uint32_t tail = 0;
    std::memcpy(&tail, reinterpret_cast<const sockaddr_in6*>(name)->sin6_addr.s6_addr + 12, sizeof tail);
    note_asked_call("ConnectEx to IPv6", ntohl(tail));
  }
  if (!fails(Point::connect)) return real_connect(socket, name, length, buffer, data, sent, overlapped);
  WSASetLastError(WSAENOBUFS);
  return FALSE;
}

int WSAAPI control(SOCKET socket, DWORD code, LPVOID in, DWORD in_bytes, LPVOID out, DWORD out_bytes,
                   LPDWORD answered, LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
  note_asked_call("WSAIoctl", code);
  const int failed =
      __real___imp_WSAIoctl(socket, code, in, in_bytes, out, out_bytes, answered, overlapped, routine);
  if (failed != 0 || code != SIO_GET_EXTENSION_FUNCTION_POINTER) return failed;
  const GUID accept_name = WSAID_ACCEPTEX;
  if (std::memcmp(in, &accept_name, sizeof accept_name) == 0) {
    std::memcpy(&real_accept, out, sizeof real_accept);
    const LPFN_ACCEPTEX wrapper = &accept_connection;
    std::memcpy(out, &wrapper, sizeof wrapper);
  } else {
    std::memcpy(&real_connect, out, sizeof real_connect);
    const LPFN_CONNECTEX wrapper = &connect_socket;
    std::memcpy(out, &wrapper, sizeof wrapper);
  }
  return 0;
}

int WSAAPI set_option(SOCKET socket, int level, int name, const char* value, int length) {
  // The number of an option has a meaning only at its level.
  note_asked_call(level == SOL_SOCKET ? "setsockopt SOL_SOCKET" : "setsockopt of a protocol", name);
  return __real___imp_setsockopt(socket, level, name, value, length);
}

int WSAAPI get_option(SOCKET socket, int level, int name, char* value, int* length) {
  const int failed = __real___imp_getsockopt(socket, level, name, value, length);
  if (failed == 0 && level == SOL_SOCKET && name == SO_PROTOCOL_INFOW && fails(Point::layered_provider)) {
    reinterpret_cast<WSAPROTOCOL_INFOW*>(value)->ProtocolChain.ChainLen = 2;
  }
  return failed;
}

int WSAAPI start_listening(SOCKET socket, int backlog) {
  note_asked_call("listen", backlog);
  return __real___imp_listen(socket, backlog);
}

BOOL WINAPI cancel(HANDLE file, LPOVERLAPPED overlapped) {
  note_asked_call("CancelIoEx", 0);
  if (!fails(Point::cancel)) return __real___imp_CancelIoEx(file, overlapped);
  SetLastError(ERROR_NO_SYSTEM_RESOURCES);
  return FALSE;
}

HANDLE WINAPI make_or_join_port(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads) {
  const bool makes = port == nullptr;
  if (makes) note_asked_call("CreateIoCompletionPort threads", threads);
  if (!fails(makes ? Point::descriptor : Point::watch)) {
    return __real___imp_CreateIoCompletionPort(file, port, key, threads);
  }
  SetLastError(ERROR_NO_SYSTEM_RESOURCES);
  return nullptr;
}

HANDLE WINAPI start_thread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack, LPTHREAD_START_ROUTINE run, LPVOID argument,
                           DWORD flags, LPDWORD id) {
  if (!fails(Point::thread)) return __real___imp_CreateThread(attributes, stack, run, argument, flags, id);
  SetLastError(ERROR_NOT_ENOUGH_MEMORY);
  return nullptr;
}

FARPROC WINAPI find_function(HMODULE module, LPCSTR name) {
  if (std::strcmp(name, "wine_get_version") == 0 && fails(Point::wine)) return nullptr;
  return __real___imp_GetProcAddress(module, name);
}

}  // namespace

extern "C" {
decltype(&WSASocketW) __wrap___imp_WSASocketW = &make_socket;
decltype(&WSARecv) __wrap___imp_WSARecv = &receive;
decltype(&WSASend) __wrap___imp_WSASend = &send_bytes;
decltype(&WSAIoctl) __wrap___imp_WSAIoctl = &control;
decltype(&setsockopt) __wrap___imp_setsockopt = &set_option;
decltype(&getsockopt) __wrap___imp_getsockopt = &get_option;
decltype(&listen) __wrap___imp_listen = &start_listening;
decltype(&CancelIoEx) __wrap___imp_CancelIoEx = &cancel;
decltype(&CreateIoCompletionPort) __wrap___imp_CreateIoCompletionPort = &make_or_join_port;
decltype(&CreateThread) __wrap___imp_CreateThread = &start_thread;
decltype(&GetProcAddress) __wrap___imp_GetProcAddress = &find_function;
}
