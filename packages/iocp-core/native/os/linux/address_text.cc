#include "../address_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

namespace frameport {

namespace {

static_assert(sizeof(sockaddr_un) <= sizeof(Address::bytes), "every address kind fits");

template <typename Form>
void store(const Form& form, size_t length, Address& address) {
  memcpy(address.bytes, &form, sizeof form);
  address.length = static_cast<uint32_t>(length);
}

template <typename Form>
Form load(const Address& address) {
  Form form;
  memcpy(&form, address.bytes, sizeof form);
  return form;
}

int32_t parse_path(const AddressText& text, Address& address) {
  sockaddr_un form{};
  form.sun_family = AF_UNIX;
  const size_t length = strnlen(text.text, sizeof text.text);
  if (length == 0) return EINVAL;
  if (length >= sizeof form.sun_path) return ENAMETOOLONG;
  memcpy(form.sun_path, text.text, length);
  store(form, offsetof(sockaddr_un, sun_path) + length + 1, address);
  return 0;
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
  memcpy(literal, text.text, sizeof literal);
  if (char* scope = strchr(literal, '%')) {
    *scope++ = '\0';
    form.sin6_scope_id = scope_of(scope);
    if (form.sin6_scope_id == 0) return EINVAL;
  }
  if (inet_pton(AF_INET6, literal, &form.sin6_addr) != 1) return EINVAL;
  store(form, sizeof form, address);
  return 0;
}

}  // namespace

int32_t parse_address(const AddressText& text, Address& address) {
  if (text.kind == AddressKind::unix_path) return parse_path(text, address);
  sockaddr_in form{};
  form.sin_family = AF_INET;
  form.sin_port = htons(text.port);
  if (inet_pton(AF_INET, text.text, &form.sin_addr) != 1) return parse_ipv6(text, address);
  store(form, sizeof form, address);
  return 0;
}

AddressText format_address(const Address& address) {
  AddressText text;
  const sa_family_t family = load<sockaddr>(address).sa_family;
  if (family == AF_INET) {
    const sockaddr_in form = load<sockaddr_in>(address);
    text.port = ntohs(form.sin_port);
    inet_ntop(AF_INET, &form.sin_addr, text.text, sizeof text.text);
  } else if (family == AF_INET6) {
    const sockaddr_in6 form = load<sockaddr_in6>(address);
    text.port = ntohs(form.sin6_port);
    inet_ntop(AF_INET6, &form.sin6_addr, text.text, sizeof text.text);
    if (form.sin6_scope_id != 0) {
      const size_t used = strlen(text.text);
      snprintf(text.text + used, sizeof text.text - used, "%%%u", form.sin6_scope_id);
    }
  } else {
    text.kind = AddressKind::unix_path;
    const sockaddr_un form = load<sockaddr_un>(address);
    // The length of an unnamed peer covers only the family.
    if (address.length > offsetof(sockaddr_un, sun_path)) {
      const size_t room = std::min<size_t>(sizeof form.sun_path, address.length - offsetof(sockaddr_un, sun_path));
      memcpy(text.text, form.sun_path, strnlen(form.sun_path, room));
    }
  }
  return text;
}

}  // namespace frameport
