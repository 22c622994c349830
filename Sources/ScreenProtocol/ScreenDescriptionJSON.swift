// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the agent-supervisor authors

/// The description as JSON, by hand: an encoder of Foundation's would be most of `agent-screen`.
extension ScreenDescription {
    package var json: [UInt8] {
        var json = JSONText()
        json.object {
            $0.member("size") {
                $0.object {
                    $0.member("columns", Int(size.columns))
                    $0.member("rows", Int(size.rows))
                }
            }
            if let title { $0.member("title", title) }
            if let iconTitle { $0.member("iconTitle", iconTitle) }
            $0.member("cursor") { cursor.write(to: &$0) }
            $0.member("lines") { $0.array(lines) }
            $0.member("modes") { modes.write(to: &$0) }
            $0.member("history", history)
        }
        return json.bytes
    }
}

extension ScreenDescription.Cursor {
    fileprivate func write(to json: inout JSONText) {
        json.object {
            $0.member("row", row)
            $0.member("column", column)
            $0.member("pendingWrap", pendingWrap)
            $0.member("visible", visible)
            $0.member("shape", shape.rawValue)
            $0.member("blinking", blinking)
        }
    }
}

extension ScreenDescription.Modes {
    fileprivate func write(to json: inout JSONText) {
        json.object {
            $0.member("alternateScreen", alternateScreen)
            $0.member("applicationCursorKeys", applicationCursorKeys)
            $0.member("applicationKeypad", applicationKeypad)
            $0.member("autowrap", autowrap)
            $0.member("bracketedPaste", bracketedPaste)
            $0.member("focusReporting", focusReporting)
            $0.member("insert", insert)
            $0.member("newline", newline)
            $0.member("origin", origin)
            $0.member("reverseVideo", reverseVideo)
            $0.member("synchronizedOutput", synchronizedOutput)
            $0.member("mouse", mouse.rawValue)
            $0.member("mouseEncoding", mouseEncoding.rawValue)
            $0.member("keyboardFlags", keyboardFlags)
            $0.member("modifyOtherKeys", modifyOtherKeys)
        }
    }
}

private struct JSONText {
    var bytes: [UInt8] = []
    private var isFirst = true

    mutating func object(_ members: (inout JSONText) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
        members(&self)
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }

    mutating func array(_ strings: [String]) {
        bytes.append(UInt8(ascii: "["))
        for (index, string) in strings.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(string)
        }
        bytes.append(UInt8(ascii: "]"))
        isFirst = false
    }

    mutating func member(_ name: String, _ value: (inout JSONText) -> Void) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        append(name)
        bytes.append(UInt8(ascii: ":"))
        value(&self)
        isFirst = false
    }

    mutating func member(_ name: String, _ value: Bool) { member(name) { $0.bytes += Array("\(value)".utf8) } }
    mutating func member(_ name: String, _ value: Int) { member(name) { $0.bytes += Array("\(value)".utf8) } }
    mutating func member(_ name: String, _ value: String) { member(name) { $0.append(value) } }

    private mutating func append(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case ..<0x20: bytes += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
