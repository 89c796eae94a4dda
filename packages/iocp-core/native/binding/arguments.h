#ifndef FRAMEPORT_BINDING_ARGUMENTS_H_
#define FRAMEPORT_BINDING_ARGUMENTS_H_

#include <napi.h>

#include <cstdint>

#include "../seams/address.h"

namespace frameport {

// The callers are our own TypeScript declarations: these functions read a wrong type as 0, with a pending exception.
inline uint32_t word(const Napi::CallbackInfo& info, size_t index) {
  uint32_t value = 0;
  napi_get_value_uint32(info.Env(), info[index], &value);
  return value;
}

inline bool flag(const Napi::CallbackInfo& info, size_t index) {
  bool value = false;
  napi_get_value_bool(info.Env(), info[index], &value);
  return value;
}

// A text, truncated to the longest name of a back end; a truncated one matches no name.
struct BackEndName {
  BackEndName(const Napi::CallbackInfo& info, size_t index) {
    napi_get_value_string_utf8(info.Env(), info[index], text, sizeof text, nullptr);
  }
  char text[16] = "";
};

// Reads (kind, host or path, port) from `index` on. Returns 0, or the error number for an invalid address.
int32_t read_address(const Napi::CallbackInfo& info, size_t index, Address& address);
// `[kind, host or path, port]`.
Napi::Value write_address(Napi::Env env, const Address& address);

}  // namespace frameport

#endif  // FRAMEPORT_BINDING_ARGUMENTS_H_
