// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What tables are made of: columns, each with a name, some of them shown unasked.
protocol Columned: Sendable {
    associatedtype TableColumn: NamedColumn
    /// In the order of the table, at least one of them usual.
    static var columns: [TableColumn] { get }
}

protocol NamedColumn: Sendable {
    /// What `--columns` calls it.
    var name: String { get }
    /// Whether it is there unasked.
    var isUsual: Bool { get }
}

extension Columned {
    static var columnNames: [String] { columns.map(\.name) }

    /// The columns of these names in this order; without names those that are usual.
    static func columns(_ names: [String]?) throws(Failure) -> [TableColumn] {
        guard let names else { return columns.filter(\.isUsual) }
        var chosen: [TableColumn] = []
        for name in names {
            guard let column = columns.first(where: { $0.name == name.lowercased() }) else {
                throw .usage("there is no column \"\(name)\"; there are \(columnNames.joined(separator: ", "))")
            }
            chosen.append(column)
        }
        return chosen
    }
}
