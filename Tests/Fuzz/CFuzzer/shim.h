// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

#include <stddef.h>
#include <stdint.h>

// libFuzzer comes without a header (https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library").
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
