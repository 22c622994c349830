// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What is too much for a cell: several characters that combine, and what few cells have. Both are numbered tables of a
/// bounded length; when one is full, the cells are asked what they still use.
struct CellTable<Element: Hashable> {
    private var elements: [Element] = []
    private let limit: Int
    /// How many more requests are refused before the cells are asked again: asking costs more than any one is worth.
    private var refusals = 0

    init(limit: Int) { self.limit = limit }

    subscript(number: Int) -> Element? { elements.indices ~= number ? elements[number] : nil }

    /// The number for an element, or nil when so many are in use that there is none left. `findUsed` is called with
    /// what has to be called for each number in use, and to renumber it.
    mutating func number(
        for element: Element, searching: Bool, renumber: ((Int) -> Int) -> Void
    ) -> Int? {
        if searching, let present = elements.lastIndex(of: element) { return present }
        if elements.count >= limit {
            guard refusals == 0 else {
                refusals -= 1
                return nil
            }
            compact(renumber)
            guard elements.count < limit / 2 else {
                refusals = limit
                return nil
            }
        }
        elements.append(element)
        return elements.count - 1
    }

    private mutating func compact(_ renumber: ((Int) -> Int) -> Void) {
        var places = [Int](repeating: -1, count: elements.count)
        var kept: [Element] = []
        renumber { old in
            guard places.indices ~= old else { return old }
            if places[old] < 0 {
                places[old] = kept.count
                kept.append(elements[old])
            }
            return places[old]
        }
        elements = kept
    }
}

/// What few cells have: an underline of another colour than the text, and a link (OSC 8).
struct Decoration: Hashable {
    var underline = Color.ofTerminal
    var link: Link?

    struct Link: Hashable {
        /// `id=…`, as the program gave them.
        var parameters: [UInt8]
        var address: [UInt8]
    }
}
