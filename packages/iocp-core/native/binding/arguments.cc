#include "arguments.h"

#include <cerrno>
#include <cstring>

#include "../os/address_text.h"

namespace frameport {

int32_t read_address(const Napi::CallbackInfo& info, size_t index, Address& address) {
  AddressText text;
  text.kind = word(info, index) == 0 ? AddressKind::tcp : AddressKind::unix_path;
  size_t length = 0;
  if (napi_get_value_string_utf8(info.Env(), info[index + 1], nullptr, 0, &length) != napi_ok) return EINVAL;
  if (length >= sizeof text.text) return ENAMETOOLONG;
  if (napi_get_value_string_utf8(info.Env(), info[index + 1], text.text, sizeof text.text, &length) != napi_ok) {
    return EINVAL;
  }
  // The system would cut the text at a NUL, and use another address than the given one.
  if (std::strlen(text.text) != length) return EINVAL;
  text.port = static_cast<uint16_t>(word(info, index + 2));
  return parse_address(text, address);
}

Napi::Value write_address(Napi::Env env, const Address& address) {
  const AddressText text = format_address(address);
  Napi::Array parts = Napi::Array::New(env, 3);
  parts.Set(0u, Napi::Number::New(env, text.kind == AddressKind::tcp ? 0 : 1));
  parts.Set(1u, Napi::String::New(env, text.text));
  parts.Set(2u, Napi::Number::New(env, text.port));
  return parts;
}

}  // namespace frameport
