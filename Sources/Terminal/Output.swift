public import API
public import ArgumentParser

#if canImport(Glibc)
    internal import Glibc
#endif

/// How a command prints.
public enum OutputForm: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people.
    case table
    /// For programs.
    case json
    /// For spreadsheets (RFC 4180).
    case csv
}

/// `--output table|json|csv`.
public struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How to print: table for people, json for programs, csv for spreadsheets.", valueName: "table|json|csv"))
    public var output = OutputForm.table

    public init() {}

    /// Prints one thing.
    public func show(_ fields: [Field]) {
        switch output {
        case .table: print(Table.aligned(fields))
        case .json: print(JSONValue.object(fields.map(\.member)).prettyText, terminator: "")
        case .csv: print(CSV.text([fields]), terminator: "")
        }
    }

    /// Prints one of many things that come one after the other, on one line, at once; for spreadsheets without the names.
    public func showLine(_ fields: [Field]) {
        switch output {
        case .table: print(fields.map(\.text).filter { !$0.isEmpty }.joined(separator: "  "))
        case .json: print(JSONValue.object(fields.map(\.member)).text)
        case .csv: print(CSV.line(fields), terminator: "")
        }
        // Whoever reads a pipe waits for this line, not for a full buffer.
        fflush(nil)
    }

    /// Prints a list. Every row has the same fields in the same order.
    ///
    /// - Parameter empty: What people read when there is nothing.
    public func show(rows: [[Field]], empty: String) {
        switch output {
        case .table: print(rows.isEmpty ? empty : Table.columns(rows))
        case .json:
            print(JSONValue.array(rows.map { .object($0.map(\.member)) }).prettyText, terminator: "")
        case .csv: print(CSV.text(rows), terminator: "")
        }
    }

    /// Prints a list with what is true of the whole of it. People and programs see both, a spreadsheet the list alone.
    ///
    /// - Parameters:
    ///   - rows: The list's name, and its rows.
    ///   - names: The names of a row's fields, so that an empty list has its columns too.
    ///   - empty: What people read when there is nothing.
    public func show(_ summary: [Field], _ rows: (name: String, rows: [[Field]]), names: [String], empty: String) {
        switch output {
        case .table:
            print(Table.aligned(summary))
            print("")
            print(rows.rows.isEmpty ? empty : Table.columns(rows.rows))
        case .json:
            let list = JSONValue.array(rows.rows.map { .object($0.map(\.member)) })
            print(JSONValue.object(summary.map(\.member) + [.init(rows.name, list)]).prettyText, terminator: "")
        case .csv: print(CSV.text(rows.rows, names: names), terminator: "")
        }
    }
}

/// A named value: the same for people and for programs, but for how it looks.
public struct Field: Sendable {
    /// The member's name in JSON, `camelCase`; people see it in words.
    public let name: String
    /// The value.
    public let value: JSONValue
    private let shown: String?

    /// - Parameter shown: What people read; nothing for the value itself.
    public init(_ name: String, _ value: JSONValue, shown: String? = nil) {
        self.name = name
        self.value = value
        self.shown = shown
    }

    /// A value by its description.
    public init(_ name: String, text: some CustomStringConvertible, shown: String? = nil) {
        self.init(name, .string("\(text)"), shown: shown)
    }

    /// A text that others wrote, of several lines: people read it below the name.
    public init(_ name: String, lines text: String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        self.init(
            name, .string(text),
            shown: (["" as Substring] + lines).map { Self.printable(String($0)) }.joined(separator: "\n"))
    }

    /// The member that it is of an object.
    public var member: JSONValue.Member { .init(name, value) }

    /// `notBefore` in words: `not before`.
    var title: String {
        name.reduce(into: "") { title, letter in title += letter.isUppercase ? " \(letter.lowercased())" : "\(letter)" }
    }

    var text: String { shown ?? Self.text(value) }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): "\(value)"
        case .string(let value): printable(value)
        case .array(let items): items.isEmpty ? "-" : items.map(text).joined(separator: ", ")
        case .object(let members): members.map { "\($0.name) \(text($0.value))" }.joined(separator: ", ")
        }
    }

    /// Titles come from others: control characters would act on the terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                        ? "\u{FFFD}" : scalar
                }))
    }
}
