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
        // Programs name one type and nothing else.
        if let answer = answers.first(where: { $0.rawValue == accept }) {
            mediaType = answer
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
    func answer(_ value: some CBOREncodable & JSONRepresentable, status: HTTPResponse.Status = .ok) -> Response {
        switch mediaType {
        case .cbor: return Self.response(status, API.MediaType.cbor.rawValue, value.encoded)
        default:
            do throws(Problem) {
                return Self.response(status, API.MediaType.json.rawValue, Array(try value.json.prettyText.utf8))
            } catch { return Self.problem(error, cbor: false) }
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
}
