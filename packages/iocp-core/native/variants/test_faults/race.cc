// Seeded on purpose, to show that the run over ThreadSanitizer can fail: a statistic of the live records that is not
// atomic. The linker passes it every record made and released, and a thread releases the record of its own start.
#include <cstddef>
#include <cstdint>
#include <new>

namespace frameport {

namespace {
int64_t records_alive = 0;
}

void* real_new(size_t bytes, const std::nothrow_t& nothrow) noexcept asm("__real__ZnwmRKSt9nothrow_t");
void* counted_new(size_t bytes, const std::nothrow_t& nothrow) noexcept asm("__wrap__ZnwmRKSt9nothrow_t");
void real_delete(void* record, size_t bytes) noexcept asm("__real__ZdlPvm");
void counted_delete(void* record, size_t bytes) noexcept asm("__wrap__ZdlPvm");

void* counted_new(size_t bytes, const std::nothrow_t& nothrow) noexcept {
  records_alive++;
  return real_new(bytes, nothrow);
}

void counted_delete(void* record, size_t bytes) noexcept {
  records_alive--;
  real_delete(record, bytes);
}

}  // namespace frameport
