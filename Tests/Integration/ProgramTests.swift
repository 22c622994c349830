// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import FoundationEssentials
import Linux
import Testing

/// What the programs are made of.
@Suite struct ProgramTests {
    @Test("jail holds nothing of Yams, ICU or the whole of Foundation")
    func symbols() async throws {
        let files = "/tmp/agent-supervisor-nm-\(getpid())"
        defer { for ending in [".out", ".err"] { unlink(files + ending) } }
        let nm = try Program(
            ["/usr/bin/nm", "--defined-only", Installation.programs + "/jail"], environment: ["PATH": "/usr/bin"],
            directory: "/", files: files)
        let symbols = try await nm.end().output
        #expect(symbols.contains("JailPlan"), "nm shows no symbols")
        for part in ["yaml_parser", "4Yams", "ucol_", "icu_", "uloc_", "10Foundation4"] {
            #expect(!symbols.contains(part), "\(part)")
        }
    }
}
