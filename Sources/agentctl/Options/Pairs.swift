// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// `NAME=VALUE` on the command line.
enum Pairs {
    static func read(_ texts: [String], option: String) throws -> [String: String] {
        try texts.reduce(into: [:]) { result, text in
            guard let separator = text.firstIndex(of: "="), separator > text.startIndex else {
                throw Failure.usage("\(option) takes NAME=VALUE, not \"\(text)\"")
            }
            result[String(text[..<separator])] = String(text[text.index(after: separator)...])
        }
    }
}
