// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import CFuzzer
import Glibc

var count = CommandLine.argc
var arguments = Optional(CommandLine.unsafeArgv)
exit(
    LLVMFuzzerRunDriver(&count, &arguments) { start, count in
        try? FuzzTarget.chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    })
