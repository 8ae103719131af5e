internal import API

/// Text for spreadsheets and other programs, as RFC 4180 has it: a line of names, CR LF after each line, and quotes
/// around what holds a comma, a quote or a line break.
public enum CSV {
    /// The rows' text; every row has the fields of the first.
    ///
    /// - Parameter names: The first line, in place of the first row's when there are no rows.
    public static func text(_ rows: [[Field]], names: [String]? = nil) -> String {
        guard let header = names ?? rows.first?.map(\.name) else { return "" }
        return line(header) + rows.map(line).joined()
    }

    /// One row's line, for lists that grow while they are read.
    public static func line(_ row: [Field]) -> String { line(row.map(\.cell)) }

    private static func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\r\n" }

    private static func quoted(_ cell: String) -> String {
        // A scalar view: to Swift, CR LF is one character, and neither of its halves.
        let special = cell.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        return special ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }
}

extension Field {
    /// What stands in a cell. A list is separated by spaces. Spreadsheets run what begins like a formula: such text, which
    /// may be somebody else's, gets an apostrophe, which they take for "this is text".
    var cell: String {
        let text = Self.cell(value)
        guard let first = text.first, "=+-@\t\r".contains(first) else { return text }
        return "'" + text
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .string(let value): value
        case .array(let items): items.map(cell).joined(separator: " ")
        case .object: value.text
        }
    }
}
