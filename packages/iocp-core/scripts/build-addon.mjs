// Replaced by the native build.
