internal import API
internal import Codec
internal import Cryptography
internal import HTTPTypes
internal import Hummingbird

/// The form that an answer takes: what the request accepts, of what the endpoint has.
struct Form: Sendable {
    let mediaType: API.MediaType

    /// - Throws: `not-acceptable`.
    init(accept: String?, of endpoint: Endpoint) throws(Problem) {
        let answers = endpoint.answers
        guard let accept, !accept.isEmpty else {
            mediaType = answers[0]
            return
        }
        let ranges = accept.lowercased().split(separator: ",").map { range in
            String(range.prefix { $0 != ";" }).replacing(" ", with: "")
        }
        for range in ranges {
            if range == "*/*" || range == "application/*" {
                mediaType = answers[0]
                return
            }
            if let answer = answers.first(where: { $0.rawValue.prefix { $0 != ";" } == range }) {
                mediaType = answer
                return
            }
        }
        throw Problem(.notAcceptable)
    }

    /// An answer that people and programs read.
    func answer(_ value: some CBOREncodable, status: HTTPResponse.Status = .ok) -> Response {
        switch mediaType {
        case .cbor: Self.response(status, API.MediaType.cbor.rawValue, value.encoded)
        default: Self.response(status, API.MediaType.json.rawValue, Array(Self.json(value).prettyText.utf8))
        }
    }

    static func bytes(_ bytes: [UInt8], _ type: API.MediaType, status: HTTPResponse.Status = .ok) -> Response {
        response(status, type.rawValue, bytes)
    }

    static func problem(_ problem: Problem, cbor: Bool) -> Response {
        var response =
            cbor
            ? response(.init(code: problem.code.status), Problem.cborType, problem.encoded)
            : response(.init(code: problem.code.status), Problem.jsonType, Array(problem.json.prettyText.utf8))
        if let seconds = problem.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        if problem.code == .methodNotAllowed, let methods = problem.reason { response.headers[.allow] = methods }
        if problem.code == .signatureRequired { response.headers[.wwwAuthenticate] = "Signature" }
        return response
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ bytes: [UInt8]) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func json(_ value: some CBOREncodable) -> JSONValue {
        if let value = value as? any JSONRepresentable { return value.json }
        guard let item = try? CBORValue(decoding: value.encoded) else { return .null }
        return JSONValue(item)
    }
}

extension JSONValue {
    /// A CBOR item for people, where nothing better is known of it: bytes in hexadecimal, tags left out.
    init(_ item: CBORValue) {
        switch item {
        case .unsigned(let value): self = .number(value)
        case .negative(let value): self = .integer(-1 - Int64(clamping: value))
        case .bytes(let bytes): self = .string(bytes.hex)
        case .text(let text): self = .string(text)
        case .array(let items): self = .array(items.map { JSONValue($0) })
        case .map(let pairs):
            self = .object(pairs.map { Member(JSONValue($0.key).name, JSONValue($0.value)) })
        case .tagged(_, let item): self = JSONValue(item)
        case .simple(20): self = .bool(false)
        case .simple(21): self = .bool(true)
        case .simple: self = .null
        }
    }

    private var name: String { if case .string(let text) = self { text } else { text } }
}
