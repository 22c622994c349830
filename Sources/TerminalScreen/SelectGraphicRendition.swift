// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// SGR: how what comes next is drawn.
extension Terminal {
    func setPen(_ sequence: ControlSequence) {
        var index = 0
        if sequence.parameters.isEmpty { setAttribute(0) }
        while index < sequence.parameters.count {
            let value = sequence.parameter(index, or: 0)
            // Those after colons belong to it.
            var end = index + 1
            while end < sequence.parameters.count, sequence.belongs[end] { end += 1 }
            let parts = (index + 1..<end).map { sequence.parameters[$0].map(Int.init) }
            switch value {
            case 4 where !parts.isEmpty: canvas.pen.style.underline = parts[0] ?? 1
            case 38, 48, 58:
                if parts.isEmpty {
                    // The older way: what follows are parameters of their own.
                    let (color, taken) = Terminal.color(after: index, in: sequence)
                    if let color { setColor(value, color) }
                    end = index + 1 + taken
                } else if let color = Terminal.color(parts) {
                    setColor(value, color)
                }
            default: setAttribute(value)
            }
            index = end
        }
    }

    private func setColor(_ which: Int, _ color: Color) {
        switch which {
        case 38: canvas.pen.foreground = color
        case 48: canvas.pen.background = color
        default:
            var decoration = canvas.decoration(of: canvas.pen)
            decoration.underline = color
            canvas.setDecoration(decoration)
        }
    }

    /// `5:index`, `2:red:green:blue` or `2:space:red:green:blue`.
    private static func color(_ parts: [Int?]) -> Color? {
        switch parts[0] {
        case 5: parts.count > 1 ? byte(parts[1]).map(Color.palette) : nil
        case 2 where parts.count >= 4: color(rgb: parts.count == 4 ? parts[1...] : parts[2...4])
        default: nil
        }
    }

    private static func color(after index: Int, in sequence: ControlSequence) -> (Color?, taken: Int) {
        let left = sequence.parameters.count - index - 1
        func value(_ offset: Int) -> Int? { sequence.parameter(index + offset, or: 0) }
        switch left > 0 ? sequence.parameter(index + 1, or: 0) : 0 {
        case 5: return (left > 1 ? byte(value(2)).map(Color.palette) : nil, min(left, 2))
        case 2: return (left > 3 ? color(rgb: [value(2), value(3), value(4)][...]) : nil, min(left, 4))
        default: return (nil, min(left, 1))
        }
    }

    private static func color(rgb: ArraySlice<Int?>) -> Color? {
        let values = rgb.map { byte($0 ?? 0) }
        guard let red = values[0], let green = values[1], let blue = values[2] else { return nil }
        return .rgb(red, green, blue)
    }

    private static func byte(_ value: Int?) -> UInt8? { value.flatMap { UInt8(exactly: $0) } }

    private func setAttribute(_ value: Int) {
        switch value {
        case 0: resetPen()
        case 1: canvas.pen.style.insert(.bold)
        case 2: canvas.pen.style.insert(.faint)
        case 3: canvas.pen.style.insert(.italic)
        case 4: canvas.pen.style.underline = 1
        case 5, 6: canvas.pen.style.insert(.blink)
        case 7: canvas.pen.style.insert(.reverse)
        case 8: canvas.pen.style.insert(.conceal)
        case 9: canvas.pen.style.insert(.strike)
        case 21: canvas.pen.style.underline = 2
        case 22: canvas.pen.style.subtract([.bold, .faint])
        case 23: canvas.pen.style.remove(.italic)
        case 24: canvas.pen.style.underline = 0
        case 25: canvas.pen.style.remove(.blink)
        case 27: canvas.pen.style.remove(.reverse)
        case 28: canvas.pen.style.remove(.conceal)
        case 29: canvas.pen.style.remove(.strike)
        case 30...37: canvas.pen.foreground = .basic(UInt8(value - 30))
        case 39: canvas.pen.foreground = .ofTerminal
        case 40...47: canvas.pen.background = .basic(UInt8(value - 40))
        case 49: canvas.pen.background = .ofTerminal
        case 53: canvas.pen.style.insert(.overline)
        case 55: canvas.pen.style.remove(.overline)
        case 59: setColor(58, .ofTerminal)
        case 90...97: canvas.pen.foreground = .basic(UInt8(value - 90 + 8))
        case 100...107: canvas.pen.background = .basic(UInt8(value - 100 + 8))
        default: break
        }
    }

    /// Neither protection nor a link is SGR's.
    private func resetPen() {
        let style = canvas.pen.style.intersection(.protected)
        if canvas.pen.decoration != 0 { setColor(58, .ofTerminal) }
        canvas.pen = Pen(style: style, decoration: canvas.pen.decoration)
    }
}
