// swift-tools-version: 6.2
import PackageDescription

// A package of its own: a fuzzer has another `main` and other flags than anything that is shipped or tested.
let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "CareLedger", path: "../..")],
    targets: [
        .executableTarget(
            name: "fuzz", dependencies: [.product(name: "Decoders", package: "CareLedger")], path: "Sources",
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
            ])
    ]
)
