// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

import ControlProtocol

/// Things of one kind that a command lists: what each is known by, and the columns that a table of them can have.
protocol Listed: Sendable {
    associatedtype Row: Sendable
    /// In the order of the table, at least one of them shown unasked.
    static var columns: [Column<Row>] { get }
    /// What the thing is known by: all that `--quiet` leaves.
    static func id(of row: Row) -> String
}

/// A column that a table of such things can have.
struct Column<Row: Sendable>: Sendable {
    /// What `--columns` calls it. Its heading is the same in capitals.
    let name: String
    /// Whether it is there unasked.
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
    static var columnNames: [String] { columns.map(\.name) }

    /// The columns of these names in this order; without names those that are usual.
    static func columns(_ names: [String]?) throws(Failure) -> [Column<Row>] {
        guard let names else { return columns.filter(\.isUsual) }
        var chosen: [Column<Row>] = []
        for name in names {
            guard let column = columns.first(where: { $0.name == name.lowercased() }) else {
                throw .usage(
                    "there is no column \"\(name)\"; there are \(columnNames.joined(separator: ", "))")
            }
            chosen.append(column)
        }
        return chosen
    }

    static func table(_ rows: [Row], columns: [Column<Row>], at now: Timestamp) -> Table {
        var table = Table(headings: columns.map { $0.name.uppercased() })
        for row in rows { table.add(columns.map { .init($0.text(row, now), $0.style(row)) }) }
        return table
    }
}
