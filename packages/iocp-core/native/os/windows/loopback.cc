#include "loopback.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <mstcpip.h>
#include <windows.h>

#include <cstring>

namespace frameport {

namespace {

constexpr uint8_t kAny4[4] = {0, 0, 0, 0};
constexpr uint8_t kLoopback4[4] = {127, 0, 0, 1};
constexpr uint8_t kAny6[16] = {};
constexpr uint8_t kLoopback6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
// ::ffff:0:0/96, RFC 4291, 2.5.5.2.
constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_ipv6(const Address& address) {
  return reinterpret_cast<const sockaddr*>(address.bytes)->sa_family == AF_INET6;
}

// The four bytes of an IPv4 address in either notation; null for any other address.
uint8_t* ipv4_of(Address& address) {
  if (!is_ipv6(address)) return address.bytes + offsetof(sockaddr_in, sin_addr);
  uint8_t* bytes = address.bytes + offsetof(sockaddr_in6, sin6_addr);
  return std::memcmp(bytes, kMapped, sizeof kMapped) == 0 ? bytes + sizeof kMapped : nullptr;
}

// Since Windows 10, version 1709; on earlier versions the value for "no repetitions" means many of them.
bool knows_no_retransmissions() {
  using GetVersion = LONG(WINAPI*)(OSVERSIONINFOW*);
  // The result of GetVersionEx depends on the manifest of the program.
  const FARPROC found = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");
  if (found == nullptr) return false;
  OSVERSIONINFOW version{};
  version.dwOSVersionInfoSize = sizeof version;
  if (reinterpret_cast<GetVersion>(reinterpret_cast<void*>(found))(&version) != 0) return false;
  return version.dwMajorVersion > 10 || (version.dwMajorVersion == 10 && version.dwBuildNumber >= 16299);
}

}  // namespace

Address destination_of(const Address& address) {
  Address destination = address;
  if (uint8_t* bytes = ipv4_of(destination)) {
    if (std::memcmp(bytes, kAny4, sizeof kAny4) == 0) std::memcpy(bytes, kLoopback4, sizeof kLoopback4);
    return destination;
  }
  uint8_t* bytes = destination.bytes + offsetof(sockaddr_in6, sin6_addr);
  if (std::memcmp(bytes, kAny6, sizeof kAny6) == 0) std::memcpy(bytes, kLoopback6, sizeof kLoopback6);
  return destination;
}

bool is_loopback(const Address& address) {
  Address copy = address;
  if (const uint8_t* bytes = ipv4_of(copy)) return bytes[0] == kLoopback4[0];
  return std::memcmp(address.bytes + offsetof(sockaddr_in6, sin6_addr), kLoopback6, sizeof kLoopback6) == 0;
}

void fail_fast(Handle socket, const Address& remote) {
  static const bool is_known = knows_no_retransmissions();
  if (!is_known || !is_loopback(destination_of(remote))) return;
  // SIO_TCP_INITIAL_RTO on learn.microsoft.com; the values as in libuv (src/win/tcp.c, uv__tcp_try_connect).
  TCP_INITIAL_RTO_PARAMETERS none{};
  none.Rtt = static_cast<USHORT>(TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS);
  none.MaxSynRetransmissions = TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS;
  DWORD answered = 0;
  WSAIoctl(static_cast<SOCKET>(socket), SIO_TCP_INITIAL_RTO, &none, sizeof none, nullptr, 0, &answered, nullptr,
           nullptr);
}

}  // namespace frameport
