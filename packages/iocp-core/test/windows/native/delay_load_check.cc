// Shows which module provides "node.exe" in this process: delay_load_check.exe [LIBRARY]. Prints "program" or
// "library".
#include <windows.h>

#include <delayimp.h>

#include <cstdio>

int main(int count, char** words) {
  HMODULE library = nullptr;
  if (count > 1 && (library = LoadLibraryA(words[1])) == nullptr) return 2;
  DelayLoadInfo info{};
  info.szDll = "node.exe";
  const FARPROC answer = __pfnDliNotifyHook2(dliNotePreLoadLibrary, &info);
  info.szDll = "other.dll";
  if (__pfnDliNotifyHook2(dliNotePreLoadLibrary, &info) != nullptr) return 3;
  const bool is_library = library != nullptr && answer == reinterpret_cast<FARPROC>(library);
  const bool is_program = answer == reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr));
  std::printf("%s\n", is_library ? "library" : is_program ? "program" : "nobody");
  return 0;
}
