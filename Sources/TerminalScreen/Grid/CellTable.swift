// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// What is too much for a cell, by number: several characters that combine, and what few cells have. The table is of a
/// bounded length; when it is full, the cells are asked what they still use.
struct CellTable<Element: Hashable> {
    private var elements: [Element] = []
    private var numbers: [Element: Int] = [:]
    private let limit: Int
    /// Equal elements share a number. Otherwise each has its own, which saves looking for it.
    private let sharesNumbers: Bool
    /// How many more requests are refused before the cells are asked again: asking costs more than any one is worth.
    private var refusals = 0

    init(limit: Int, sharesNumbers: Bool) {
        self.limit = limit
        self.sharesNumbers = sharesNumbers
    }

    subscript(number: Int) -> Element? { elements.indices ~= number ? elements[number] : nil }

    /// The number for an element, or nil when so many are in use that there is none left. `renumber` has to replace
    /// every number that is in use by what it is answered.
    mutating func number(for element: Element, renumber: ((Int) -> Int) -> Void) -> Int? {
        if sharesNumbers, let present = numbers[element] { return present }
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
        add(element)
        return elements.count - 1
    }

    private mutating func add(_ element: Element) {
        if sharesNumbers { numbers[element] = elements.count }
        elements.append(element)
    }

    private mutating func compact(_ renumber: ((Int) -> Int) -> Void) {
        let old = elements
        var places = [Int](repeating: -1, count: old.count)
        (elements, numbers) = ([], [:])
        renumber { number in
            guard places.indices ~= number else { return number }
            if places[number] < 0 {
                places[number] = elements.count
                add(old[number])
            }
            return places[number]
        }
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
