#include "../address_text.h"

#include <errno.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace frameport {

namespace {

static_assert(sizeof(sockaddr_in6) <= sizeof(Address::bytes), "every address kind fits");

template <typename Form>
void store(const Form& form, Address& address) {
  std::memcpy(address.bytes, &form, sizeof form);
  address.length = sizeof form;
}

template <typename Form>
Form load(const Address& address) {
  Form form;
  std::memcpy(&form, address.bytes, sizeof form);
  return form;
}

// The name of an interface, or its integer (RFC 4007, section 11.2). Returns 0, which no interface has, for others.
uint32_t scope_of(const char* zone) {
  if (const uint32_t index = if_nametoindex(zone)) return index;
  uint64_t number = 0;
  for (; *zone >= '0' && *zone <= '9' && number <= UINT32_MAX; zone++) {
    number = number * 10 + static_cast<uint64_t>(*zone - '0');
  }
  return *zone == '\0' && number <= UINT32_MAX ? static_cast<uint32_t>(number) : 0;
}

int32_t parse_ipv6(const AddressText& text, Address& address) {
  sockaddr_in6 form{};
  form.sin6_family = AF_INET6;
  form.sin6_port = htons(text.port);
  char literal[sizeof text.text];
  std::memcpy(literal, text.text, sizeof literal);
  if (char* scope = std::strchr(literal, '%')) {
    *scope++ = '\0';
    form.sin6_scope_id = scope_of(scope);
    if (form.sin6_scope_id == 0) return EINVAL;
  }
  if (inet_pton(AF_INET6, literal, &form.sin6_addr) != 1) return EINVAL;
  store(form, address);
  return 0;
}

}  // namespace

int32_t parse_address(const AddressText& text, Address& address) {
  // AF_UNIX on Windows has no overlapped accept and connect, and Node uses named pipes for such paths.
  if (text.kind == AddressKind::unix_path) return EAFNOSUPPORT;
  sockaddr_in form{};
  form.sin_family = AF_INET;
  form.sin_port = htons(text.port);
  if (inet_pton(AF_INET, text.text, &form.sin_addr) != 1) return parse_ipv6(text, address);
  store(form, address);
  return 0;
}

AddressText format_address(const Address& address) {
  AddressText text;
  if (load<sockaddr>(address).sa_family == AF_INET6) {
    sockaddr_in6 form = load<sockaddr_in6>(address);
    text.port = ntohs(form.sin6_port);
    inet_ntop(AF_INET6, &form.sin6_addr, text.text, sizeof text.text);
    if (form.sin6_scope_id != 0) {
      const size_t used = std::strlen(text.text);
      std::snprintf(text.text + used, sizeof text.text - used, "%%%lu", form.sin6_scope_id);
    }
  } else {
    sockaddr_in form = load<sockaddr_in>(address);
    text.port = ntohs(form.sin_port);
    inet_ntop(AF_INET, &form.sin_addr, text.text, sizeof text.text);
  }
  return text;
}

}  // namespace frameport
