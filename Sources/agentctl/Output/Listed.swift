// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Things of one kind that a command lists: what each is known by, and the columns that a table of them can have.
protocol Listed: Columned where TableColumn == Column<Row> {
    associatedtype Row: Sendable
    /// What the thing is known by: all that `--quiet` leaves.
    static func id(of row: Row) -> String
}

/// A column that a table of such things can have.
struct Column<Row: Sendable>: NamedColumn {
    /// Its heading is the same in capitals.
    let name: String
    let isUsual: Bool
    let style: @Sendable (Row) -> Style?
    /// Nil or empty shows as `-`. May be anything an agent chose.
    let text: @Sendable (Row, Timestamp) -> String?

    init(
        _ name: String, isUsual: Bool = true, style: @escaping @Sendable (Row) -> Style? = { _ in nil },
        _ text: @escaping @Sendable (Row, Timestamp) -> String?
    ) {
        self.name = name
        self.isUsual = isUsual
        self.style = style
        self.text = text
    }
}

extension Listed {
    static func table(_ rows: [Row], columns: [Column<Row>], at now: Timestamp) -> Table {
        var table = Table(headings: columns.map { $0.name.uppercased() })
        for row in rows { table.add(columns.map { .init($0.text(row, now), $0.style(row)) }) }
        return table
    }
}
