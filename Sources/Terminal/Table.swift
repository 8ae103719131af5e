/// Text in columns.
enum Table {
    /// One field a line, the values below each other.
    static func aligned(_ fields: [Field]) -> String {
        let width = fields.map(\.title.count).max() ?? 0
        return fields.map { padded($0.title, width + 2) + $0.text }.joined(separator: "\n")
    }

    /// A line of titles, then a line for each row.
    static func columns(_ rows: [[Field]]) -> String {
        guard let first = rows.first else { return "" }
        let lines = [first.map { $0.title.uppercased() }] + rows.map { $0.map(\.text) }
        let widths = first.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        return lines.map { line in
            line.enumerated().map { column, text in
                column == line.count - 1 ? text : padded(text, widths[column] + 2)
            }.joined()
        }.joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
