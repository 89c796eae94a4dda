#ifndef FRAMEPORT_CHECK_H_
#define FRAMEPORT_CHECK_H_

namespace frameport {

// Ends the process with the sentence, the file and the line. For mistakes of this code, never for outside failures.
[[noreturn]] void check_failed(const char* sentence, const char* file, int line);

// Stays active in release builds: a corrupted table is worse than a stopped process.
inline void check(bool holds, const char* sentence, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (__builtin_expect(!holds, 0)) check_failed(sentence, file, line);
}

}  // namespace frameport

#endif  // FRAMEPORT_CHECK_H_
