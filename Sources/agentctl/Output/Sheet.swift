// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Aligned `name: value` lines about one thing.
struct Sheet {
    private var rows: [(name: String, value: String, style: Style?)] = []

    mutating func add(_ name: String, _ value: String?, _ style: Style? = nil) {
        guard let value, !value.isEmpty else { return }
        rows.append((name, PlainText.plain(value), style))
    }

    var text: String { text(in: .none) }

    func text(in palette: Palette) -> String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { name, value, style in
            let label = palette.paint("\(name):", .strong)
            return "\(label)\(String(repeating: " ", count: width - name.count))  \(palette.paint(value, style))\n"
        }.joined()
    }
}
