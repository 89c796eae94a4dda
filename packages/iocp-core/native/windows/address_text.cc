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

int32_t parse_ipv6(const AddressText& text, Address& address) {
  sockaddr_in6 form{};
  form.sin6_family = AF_INET6;
  form.sin6_port = htons(text.port);
  char literal[sizeof text.text];
  std::memcpy(literal, text.text, sizeof literal);
  if (char* scope = std::strchr(literal, '%')) {
    *scope++ = '\0';
    form.sin6_scope_id = if_nametoindex(scope);
    if (form.sin6_scope_id == 0) form.sin6_scope_id = static_cast<uint32_t>(std::strtoul(scope, nullptr, 10));
    if (form.sin6_scope_id == 0) return EINVAL;
  }
  if (inet_pton(AF_INET6, literal, &form.sin6_addr) != 1) return EINVAL;
  store(form, address);
  return 0;
}

}  // namespace

int32_t parse_address(const AddressText& text, Address& address) {
  // AF_UNIX exists on Windows without overlapped accept and connect, and Node means named pipes by a path there.
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
