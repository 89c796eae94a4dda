// `new (std::nothrow)` of one and of several, with the names that the linker uses here: see wrapped_calls.cc. The
// letter after `_Znw` represents `size_t` and differs between systems.
#include <cstddef>
#include <new>

#include "../points.h"

namespace frameport::injection {

void* real_new(size_t bytes, const std::nothrow_t& nothrow) noexcept asm("__real__ZnwyRKSt9nothrow_t");
void* real_new_array(size_t bytes, const std::nothrow_t& nothrow) noexcept asm("__real__ZnayRKSt9nothrow_t");
void* wrapped_new(size_t bytes, const std::nothrow_t& nothrow) noexcept asm("__wrap__ZnwyRKSt9nothrow_t");
void* wrapped_new_array(size_t bytes, const std::nothrow_t& nothrow) noexcept asm("__wrap__ZnayRKSt9nothrow_t");

void* wrapped_new(size_t bytes, const std::nothrow_t& nothrow) noexcept {
  return fails(Point::allocation) ? nullptr : real_new(bytes, nothrow);
}

void* wrapped_new_array(size_t bytes, const std::nothrow_t& nothrow) noexcept {
  return fails(Point::allocation) ? nullptr : real_new_array(bytes, nothrow);
}

}  // namespace frameport::injection
