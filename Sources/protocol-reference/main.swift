// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol
import FoundationEssentials
import Glibc

// For developers (make reference): prints docs/protocol.md, or the OpenRPC document with --openrpc. A program of its own,
// since neither the daemon nor agentctl should carry what only this repository needs, and it builds in seconds.
func fail(_ message: String, _ code: Int32) -> Never {
    let line = Array("\(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(code)
}

do {
    let document = try OpenRPCDocument()
    switch CommandLine.arguments.dropFirst().first {
    case "--openrpc"?: print(String(decoding: document.json.encoded(), as: UTF8.self))
    case let introduction?:
        let text = try String(contentsOf: URL(filePath: introduction), encoding: .utf8)
        print(Reference(document: document, introduction: text).text, terminator: "")
    case nil:
        fail("usage: protocol-reference INTRODUCTION.md | --openrpc", 2)
    }
} catch {
    fail("protocol-reference: \(error)", 1)
}
