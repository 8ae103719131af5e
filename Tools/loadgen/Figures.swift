import ArgumentParser
import Foundation

/// How figures are printed.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    /// Aligned, for people.
    case table
    /// One object a line with `name`, `value` and `unit`, for programs.
    case json
}

/// One thing that was measured.
struct Figure {
    let name: String
    let value: Double
    let unit: String

    init(_ name: String, _ value: Double, _ unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }

    /// Prints figures.
    ///
    /// - Parameter label: Stands before each name.
    static func print(_ figures: [Figure], label: String, as form: OutputForm) {
        let prefix = label.isEmpty ? "" : label + "-"
        for figure in figures {
            let name = prefix + figure.name
            let value = String(format: figure.value < 100 ? "%.3f" : "%.0f", figure.value)
            switch form {
            case .json: Swift.print(#"{"name":"\#(name)","value":\#(value),"unit":"\#(figure.unit)"}"#)
            case .table:
                let padded = name.padding(toLength: max(32, name.count), withPad: " ", startingAt: 0)
                let space = String(repeating: " ", count: max(0, 12 - value.count))
                Swift.print("\(padded) \(space)\(value) \(figure.unit)")
            }
        }
        fflush(nil)
    }
}
