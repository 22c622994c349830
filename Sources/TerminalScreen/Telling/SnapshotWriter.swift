// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// Bytes for a terminal.
final class SnapshotWriter {
    private(set) var bytes: [UInt8] = []
    private let limit: Int
    /// What the terminal draws with now.
    private var pen = Pen()
    private var link: Decoration.Link?
    let canvas: Canvas
    /// Without colours, attributes, links, and marks that combine.
    let isBare: Bool

    init(canvas: Canvas, isBare: Bool, limit: Int) {
        self.canvas = canvas
        self.isBare = isBare
        self.limit = limit
    }

    /// More was to be written than the limit. Nothing is written any more then.
    var isTooLong: Bool { bytes.count > limit }

    func write(_ more: some Sequence<UInt8>) {
        if !isTooLong { bytes.append(contentsOf: more) }
    }

    func write(_ text: String) { write(text.utf8) }

    /// `CSI parameters final`.
    func control(_ parameters: String, _ final: Character) { write("\u{1B}[\(parameters)\(final)") }

    /// `row` and `column` from 0.
    func move(row: Int, column: Int) { control("\(row + 1);\(column + 1)", "H") }

    /// `OSC command ST`.
    func command(_ command: [UInt8]) { write(Array("\u{1B}]".utf8) + command + Array("\u{1B}\\".utf8)) }

    /// Has the terminal draw with `new` from here on.
    func take(_ new: Pen) {
        guard new != pen, !isBare else { return }
        let decoration = canvas.decoration(of: new)
        if new.style.contains(.protected) != pen.style.contains(.protected) {
            control(new.style.contains(.protected) ? "1\"" : "0\"", "q")
        }
        var (plain, plainBefore) = (new, pen)
        plain.style.remove(.protected)
        plainBefore.style.remove(.protected)
        if plain != plainBefore { control(SnapshotWriter.attributes(of: plain, underline: decoration.underline), "m") }
        if decoration.link != link {
            let link = decoration.link
            command(
                Array("8;".utf8) + (link?.parameters ?? []) + [UInt8(ascii: ";")] + (link?.address ?? []))
            self.link = link
        }
        pen = new
    }

    /// The terminal's pen is the plain one, by whatever was written to make it so.
    func isPlain() {
        pen = Pen()
        link = nil
    }

    private static func attributes(of pen: Pen, underline: Color) -> String {
        var parameters = "0"
        for (style, parameter) in simple where pen.style.contains(style) { parameters += ";\(parameter)" }
        switch pen.style.underline {
        case 0: break
        case 1: parameters += ";4"
        case let kind: parameters += ";4:\(kind)"
        }
        switch pen.foreground.form {
        case .ofTerminal: break
        case .basic(let index): parameters += ";\(index < 8 ? 30 + index : 90 + index - 8)"
        case .palette(let index): parameters += ";38;5;\(index)"
        case .rgb(let red, let green, let blue): parameters += ";38;2;\(red);\(green);\(blue)"
        }
        switch pen.background.form {
        case .ofTerminal: break
        case .basic(let index): parameters += ";\(index < 8 ? 40 + index : 100 + index - 8)"
        case .palette(let index): parameters += ";48;5;\(index)"
        case .rgb(let red, let green, let blue): parameters += ";48;2;\(red);\(green);\(blue)"
        }
        // Only with colons: a terminal that does not know 58 would take what follows it for attributes.
        switch underline.form {
        case .ofTerminal: break
        case .palette(let index), .basic(let index): parameters += ";58:5:\(index)"
        case .rgb(let red, let green, let blue): parameters += ";58:2::\(red):\(green):\(blue)"
        }
        return parameters
    }

    private static let simple: [(Pen.Style, Int)] = [
        (.bold, 1), (.faint, 2), (.italic, 3), (.blink, 5), (.reverse, 7), (.conceal, 8), (.strike, 9), (.overline, 53),
    ]
}
