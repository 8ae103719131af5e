internal import HTTPTypes

/// The text that a message signature signs (RFC 9421 section 2.5).
struct SignatureBase {
    /// What is covered, in order, and the parameters of the signature.
    let components: [StructuredField.ParameterizedItem]
    let parameters: [StructuredField.Parameter]

    /// The inner list with its parameters: the value of Signature-Input and of `@signature-params`.
    var input: String? {
        var names: [String] = []
        for component in components {
            guard let name = StructuredField.write(component.item), component.parameters.isEmpty else { return nil }
            names.append(name)
        }
        var text = "(" + names.joined(separator: " ") + ")"
        for parameter in parameters {
            guard let value = StructuredField.write(parameter.value) else { return nil }
            text += ";\(parameter.name)=\(value)"
        }
        return text
    }

    /// The names covered, nothing when one is not a plain name or stands twice.
    var names: [String]? {
        var names: [String] = []
        for component in components {
            guard case .string(let name) = component.item, component.parameters.isEmpty, !names.contains(name) else {
                return nil
            }
            names.append(name)
        }
        return names
    }

    /// One line a component, then the parameters.
    ///
    /// - Throws: ``MessageSignatureFailure/uncoverable`` with the name of a component that the request has not.
    func text(of request: HTTPRequest) throws(MessageSignatureFailure) -> String {
        guard let names, let input else { throw .malformed }
        var text = ""
        for name in names {
            guard let value = Self.value(of: name, in: request) else { throw .uncoverable(component: name) }
            text += "\"\(name)\": \(value)\n"
        }
        return text + "\"@signature-params\": \(input)"
    }

    /// A component's value: a derived component of RFC 9421 section 2.2 or a field in lower case.
    static func value(of name: String, in request: HTTPRequest) -> String? {
        switch name {
        case "@method": request.method.rawValue
        case "@authority": authority(of: request)
        case "@scheme": request.scheme?.lowercased()
        case "@request-target": request.path
        case "@path": path(of: request)
        case "@query": query(of: request)
        case "@target-uri": targetURI(of: request)
        default: field(name, of: request)
        }
    }

    private static func targetURI(of request: HTTPRequest) -> String? {
        guard let scheme = request.scheme?.lowercased(), let authority = authority(of: request), let path = request.path
        else { return nil }
        return "\(scheme)://\(authority)\(path)"
    }

    /// In lower case and without the scheme's usual port.
    private static func authority(of request: HTTPRequest) -> String? {
        guard let authority = request.authority?.lowercased() else { return nil }
        let usualPort = request.scheme?.lowercased() == "http" ? ":80" : ":443"
        return authority.hasSuffix(usualPort) ? String(authority.dropLast(usualPort.count)) : authority
    }

    private static func path(of request: HTTPRequest) -> String? {
        guard let path = request.path?.prefix(while: { $0 != "?" }) else { return nil }
        return path.isEmpty ? "/" : String(path)
    }

    /// With its question mark; a question mark alone when there is no query.
    private static func query(of request: HTTPRequest) -> String? {
        guard let path = request.path else { return nil }
        return path.firstIndex(of: "?").map { String(path[$0...]) } ?? "?"
    }

    private static func field(_ name: String, of request: HTTPRequest) -> String? {
        guard name == name.lowercased(), let field = HTTPField.Name(name) else { return nil }
        let values = request.headerFields[values: field]
        guard !values.isEmpty else { return nil }
        return values.map(trimmed).joined(separator: ", ")
    }

    private static func trimmed(_ value: String) -> Substring {
        var value = value[...]
        while let first = value.first, first == " " || first == "\t" { value.removeFirst() }
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        return value
    }
}
