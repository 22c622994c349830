// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Aligned columns with a heading; the last column is not padded.
struct Table {
    /// Whatever a terminal would act upon is taken out; an empty cell shows as `-`.
    struct Cell {
        let text: String
        let style: Style?

        init(_ text: String?, _ style: Style? = nil) {
            let plain = CellText.plain(text ?? "")
            self.text = plain.isEmpty ? "-" : plain
            self.style = style
        }
    }

    private let headings: [String]
    private var rows: [[Cell]] = []

    init(headings: [String]) {
        self.headings = headings
    }

    init(_ headings: String...) {
        self.headings = headings
    }

    /// One cell for each heading.
    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    mutating func add(_ cells: String?...) { add(cells.map { Cell($0) }) }

    var text: String { text(in: .none) }

    func text(in palette: Palette) -> String {
        let lines = [headings.map { Cell($0, .strong) }] + rows
        let widths = headings.indices.map { column in lines.map { CellText.width($0[column].text) }.max() ?? 0 }
        return lines.map { cells in
            cells.enumerated().map { column, cell in
                let painted = palette.paint(cell.text, cell.style)
                guard column < cells.count - 1 else { return painted }
                return painted + String(repeating: " ", count: widths[column] - CellText.width(cell.text))
            }.joined(separator: "  ")
        }.joined(separator: "\n") + "\n"
    }
}
