// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "CareLedger",
    products: [
        .executable(name: "careledger-validator", targets: ["validator"]),
        .executable(name: "careledger-wallet", targets: ["wallet"]),
        .executable(name: "careledger-auditor", targets: ["auditor"]),
        .executable(name: "simulate", targets: ["simulate"]),
        .executable(name: "loadgen", targets: ["loadgen"]),
        .executable(name: "faults", targets: ["faults"]),
        // For Tools/Fuzz.
        .library(name: "Decoders", targets: ["Decoders"]),
        // For Tools/Benchmarks.
        .library(name: "Measurements", targets: ["Measurements"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Programs: argument parsing, printing, exit codes.
        .executableTarget(
            name: "validator",
            dependencies: [
                "Terminal", "Node", "Client", "API", "ChainStorage", "Ledger", "Cryptography", "Codec", .arguments,
                "Gateway",
            ]),
        .executableTarget(
            name: "wallet",
            dependencies: [
                "Client", "Terminal", "API", "Ledger", "Cryptography", "Codec", .arguments, "Gateway",
            ]),
        .executableTarget(
            name: "auditor", dependencies: ["Client", "Terminal", "API", "Ledger", "Cryptography", "Codec", .arguments]),
        .target(name: "Terminal", dependencies: ["Client", "API", "Cryptography", "Codec", .arguments]),

        // Ends: a running validator, and whoever talks to one.
        .target(
            name: "Node",
            dependencies: [
                "Replication", "ChainStorage", "ContentStorage", "P2P", "API", "Ledger", "Consensus", "Cryptography",
                "Codec", .hummingbird, .hummingbirdCore, .hummingbirdTLS, .lifecycle, .signals, .httpClient, .log,
                .nioCore,
                .nioPosix, .nioHTTP1, .nioSSL, .httpTypes,
            ]),
        .target(
            name: "Client",
            dependencies: [
                "API", "Ledger", "Consensus", "Cryptography", "Codec", .httpClient, .httpTypes, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL,
            ]),

        .target(
            name: "Gateway",
            dependencies: [
                "Client", "P2P", "API", "Ledger", "Cryptography", "Codec", .hummingbird, .hummingbirdCore,
                .hummingbirdTLS, .httpClient, .httpTypes, .log, .nioCore, .nioHTTP1, .nioSSL,
            ]),

        // Doors.
        .target(name: "Replication", dependencies: ["Consensus", "Ledger", "Cryptography", "Codec"]),
        .target(
            name: "ChainStorage",
            dependencies: ["Ledger", "Consensus", "Cryptography", "Codec", "CLevelDB"]),
        .target(name: "ContentStorage", dependencies: ["Cryptography", "Codec"]),
        .target(
            name: "P2P",
            dependencies: [
                "Cryptography", "Codec", .nioCore, .nioPosix, .nioSSL, .nioTLS, .x509, .asn1, .crypto, .log,
            ]),
        .target(name: "API", dependencies: ["Ledger", "Consensus", "Cryptography", "Codec", .httpTypes]),

        // Rules: pure, and neither knows the other.
        .target(name: "Ledger", dependencies: ["Cryptography", "Codec"]),
        .target(name: "Consensus", dependencies: ["Cryptography", "Codec"]),

        // Bytes.
        .target(name: "Cryptography", dependencies: ["Codec", "CSecp256k1", "COpenSSL", .crypto]),
        .target(name: "Codec"),
        .systemLibrary(name: "CSecp256k1", pkgConfig: "libsecp256k1", providers: [.apt(["libsecp256k1-dev"])]),
        .systemLibrary(name: "CLevelDB", providers: [.apt(["libleveldb-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // How we work on it.
        .target(
            name: "Simulation",
            dependencies: ["Replication", "ChainStorage", "Ledger", "Consensus", "Cryptography", "Codec"],
            path: "Tests/Simulation"),
        .target(name: "ChildProcess", path: "Tests/ChildProcess"),
        .target(
            name: "Decoders",
            dependencies: [
                "Gateway", "Client", "Replication", "ChainStorage", "P2P", "API", "Ledger", "Consensus", "Cryptography",
                "Codec", .httpTypes,
            ],
            path: "Tests/Decoders"),
        .target(
            name: "Measurements",
            dependencies: ["Simulation", "ChainStorage", "Ledger", "Cryptography", "Codec"],
            path: "Tests/Measurements"),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation", "ChainStorage", "Ledger", .arguments], path: "Tools/simulate"
        ),
        .executableTarget(
            name: "loadgen",
            dependencies: [
                "Client", "API", "Ledger", "Cryptography", "Codec", .arguments, .httpTypes, .nioCore, .nioHTTP1,
                .nioPosix,
                .nioSSL,
            ],
            path: "Tools/loadgen"),
        .executableTarget(
            name: "faults",
            dependencies: ["Client", "API", "Ledger", "Consensus", "Cryptography", "Codec", "Simulation", .arguments],
            path: "Tools/faults"),

        .testTarget(name: "DecoderTests", dependencies: ["Decoders"]),
        .testTarget(name: "MeasurementTests", dependencies: ["Measurements"]),
        .testTarget(name: "CodecTests", dependencies: ["Codec"]),
        .testTarget(name: "CryptographyTests", dependencies: ["ChildProcess", "Cryptography", "Codec"]),
        .testTarget(name: "LedgerTests", dependencies: ["Ledger", "Cryptography", "Codec"]),
        .testTarget(name: "ConsensusTests", dependencies: ["Consensus", "Simulation", "Cryptography", "Codec"]),
        .testTarget(
            name: "ReplicationTests",
            dependencies: [
                "Replication", "Simulation", "ChainStorage", "Consensus", "Ledger", "Cryptography", "Codec",
            ]),
        .testTarget(
            name: "ChainStorageTests", dependencies: ["ChainStorage", "Ledger", "Consensus", "Cryptography", "Codec"]),
        .testTarget(name: "ContentStorageTests", dependencies: ["ContentStorage", "Cryptography", "Codec"]),
        .testTarget(
            name: "P2PTests",
            dependencies: ["P2P", "Cryptography", "Codec", .log, .nioCore, .nioPosix, .nioSSL]),
        .testTarget(
            name: "APITests", dependencies: ["API", "Ledger", "Consensus", "Cryptography", "Codec", .httpTypes, .yams]),
        .testTarget(
            name: "NodeTests",
            dependencies: [
                "Node", "Client", "API", "Replication", "ChainStorage", "ContentStorage", "P2P", "Ledger", "Consensus",
                "Cryptography", "Codec", .log, .httpClient, .httpTypes, .nioCore, .nioHTTP1, .nioSSL, "Gateway",
                .hummingbird, .hummingbirdCore, .hummingbirdTLS,
            ]),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "Client", "P2P", "Ledger", "Cryptography", "Codec"]),
        .testTarget(
            name: "ClientTests",
            dependencies: ["ChildProcess", "Client", "API", "Ledger", "Consensus", "Cryptography", "Codec"]),
        .testTarget(name: "TerminalTests", dependencies: ["Terminal", "API"]),
        .testTarget(
            name: "ProgramTests",
            dependencies: [
                "ChildProcess", "validator", "wallet", "auditor", "Node", "Client", "API", "Ledger", "Consensus",
                "Cryptography", "Codec",
            ]),
    ]
)

extension Target.Dependency {
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let log = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let signals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let x509 = product(name: "X509", package: "swift-certificates")
    static let yams = product(name: "Yams", package: "Yams")
}

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .swiftLanguageMode(.v6),
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"),
        ]
}
