import API
import Foundation
import HTTPTypes
import Testing
import Yams

/// `Network/openapi.yaml` and the table of endpoints say the same.
@Suite("OpenAPI: the description and the code")
struct OpenAPITests {
    /// An operation of the description.
    private struct Described {
        let path: String
        let method: String
        let operation: [String: Any]
        var id: String { operation["operationId"] as? String ?? "" }
    }

    private let operations: [Described]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Network/openapi.yaml")
        let document = try #require(
            try Yams.load(yaml: String(contentsOf: file, encoding: .utf8)) as? [String: Any])
        #expect(document["openapi"] as? String == "3.1.0")
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        operations = paths.flatMap { path, methods in
            methods.map { Described(path: path, method: $0.key, operation: $0.value) }
        }
    }

    private func described(_ endpoint: Endpoint) throws -> Described {
        try #require(operations.first { $0.id == endpoint.rawValue }, "\(endpoint) is not described")
    }

    @Test func `every operation of the description is an endpoint, once`() {
        #expect(Set(operations.map(\.id)) == Set(Endpoint.allCases.map(\.rawValue)))
        #expect(operations.count == Endpoint.allCases.count)
    }

    @Test(arguments: Endpoint.allCases)
    func `method, path and who may ask`(_ endpoint: Endpoint) throws {
        let described = try described(endpoint)
        #expect(described.path == endpoint.template)
        #expect(described.method.uppercased() == endpoint.method.rawValue)
        let access =
            switch endpoint.access {
            case .everyone: "everyone"
            case .keyHolder: "key-holder"
            case .reader: "reader"
            }
        #expect(described.operation["x-access"] as? String == access)
        let security = try #require(described.operation["security"] as? [Any])
        #expect(security.isEmpty == (endpoint.access == .everyone))
    }

    @Test(arguments: Endpoint.allCases)
    func `parameters, in their order`(_ endpoint: Endpoint) throws {
        let parameters = try described(endpoint).operation["parameters"] as? [[String: Any]] ?? []
        #expect(parameters.map { $0["name"] as? String } == endpoint.parameters.map(\.name))
        #expect(parameters.map { $0["in"] as? String } == endpoint.parameters.map(\.place.rawValue))
        for (described, parameter) in zip(parameters, endpoint.parameters) {
            let schema = try #require(described["schema"] as? [String: Any])
            switch parameter.form {
            case .hex(let digits): #expect(schema["pattern"] as? String == "^[0-9a-f]{\(digits)}$")
            case .word(let words): #expect(schema["enum"] as? [String] == words)
            case .number(let range):
                #expect(schema["minimum"] as? Int == Int(range.lowerBound))
                if range.upperBound < UInt64(Int64.max) {
                    #expect(schema["maximum"] as? Int == Int(range.upperBound))
                }
            case .hexOfSubject, .contentID, .heightOrLatest, .grantee: #expect(schema["pattern"] is String)
            }
        }
    }

    @Test(arguments: Endpoint.allCases)
    func `the body and its bound`(_ endpoint: Endpoint) throws {
        let body = try described(endpoint).operation["requestBody"] as? [String: Any]
        let content = body?["content"] as? [String: [String: [String: Any]]]
        #expect(content.map { Array($0.keys) } == endpoint.requestBody.map { [$0.mediaType.rawValue] })
        #expect(content?.values.first?["schema"]?["maxLength"] as? Int == endpoint.requestBody?.maximumLength)
    }

    @Test(arguments: Endpoint.allCases)
    func `answers, and every problem under its status`(_ endpoint: Endpoint) throws {
        let responses = try #require(try described(endpoint).operation["responses"] as? [String: [String: Any]])
        var problems: [Int: Set<String>] = [:]
        for code in endpoint.problems { problems[code.status, default: []].insert(code.rawValue) }
        for (status, response) in responses {
            let status = try #require(Int(status))
            if let codes = response["x-problem-codes"] as? [String] {
                #expect(Set(codes) == problems[status], "\(status)")
                problems[status] = nil
            } else {
                #expect(endpoint.successStatuses.contains(status))
                let content = try #require(response["content"] as? [String: Any])
                #expect(Set(content.keys) == Set(endpoint.answers.map(\.rawValue)))
            }
        }
        #expect(problems.isEmpty, "not described")
        #expect(endpoint.successStatuses.allSatisfy { responses["\($0)"] != nil })
    }
}
