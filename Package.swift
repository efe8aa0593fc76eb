// swift-tools-version: 6.3
import PackageDescription

/// What every room is compiled with: Swift 6 mode, strict memory safety, and no warning unread.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

/// What the rooms are compiled with where nothing is hot: as small as can be in what `make dist` makes.
///
/// It alone asks for that, for only a package that nobody depends on may pass such a flag.
let coldSettings: [SwiftSetting] =
  settings + (Context.environment["GAUNTLET_DIST"] == nil ? [] : [.unsafeFlags(["-Osize"])])

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let unixSignals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// A room of the house: `design` of the arrows is in README.md, and a test holds them to it.
func room(
  _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = settings
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of a room; they may look at any room that the room itself may import.
///
/// Files in `folders` are read by the tests where they stand, and are no part of the build.
func tests(
  of name: String, _ dependencies: [Target.Dependency] = [], files folders: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies,
    exclude: folders, swiftSettings: settings)
}

/// A program that shows how the server is embedded; it is run by tests and not shipped.
func example(_ name: String, _ folder: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      "HTTP", "ServerLifecycle", "Transport", "WebSocketProtocol", "WebSocketServer", lifecycle,
      logging, unixSignals,
    ],
    path: "Examples/\(folder)", swiftSettings: settings)
}

let package = Package(
  name: "Gauntlet",
  products: [
    .executable(name: "gauntlet", targets: ["gauntlet"]),
    .library(name: "WebSocketProtocol", targets: ["WebSocketProtocol"]),
    .library(
      name: "WebSocketServer",
      targets: ["HTTP", "Transport", "WebSocketProtocol", "WebSocketServer"]),
    .library(name: "ServerLifecycle", targets: ["ServerLifecycle"]),
    .library(name: "Conformance", targets: ["Conformance"]),
    .library(name: "LoadTesting", targets: ["LoadTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "openssl",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(name: "CLinux"),

    // Bytes
    room("Deflate", ["CZlib"]),
    room("HTTP", [httpTypes]),
    room("WebSocketProtocol", ["Deflate", "HTTP"]),
    // Wires
    room("Transport", ["CLinux", "COpenSSL"]),
    // Numbers
    room("Reports", [histogram], coldSettings),
    // The programs that join them
    room("WebSocketServer", ["WebSocketProtocol", "HTTP", "Transport", logging, metrics]),
    room("ServerLifecycle", ["WebSocketServer", lifecycle]),
    room("FaultyTwins", ["WebSocketProtocol", "HTTP", "Transport"], coldSettings),
    room("CaseLanguage", ["WebSocketProtocol"], coldSettings),
    .target(
      name: "CaseLibrary", dependencies: ["CaseLanguage"], path: "cases",
      swiftSettings: coldSettings, plugins: ["EmbedCasesPlugin"]),
    room(
      "Conformance",
      ["CaseLanguage", "CaseLibrary", "WebSocketProtocol", "HTTP", "Transport", "Reports"],
      coldSettings),
    room(
      "LoadTesting",
      [
        "CaseLanguage", "Conformance", "WebSocketProtocol", "HTTP", "Transport", "Reports",
        histogram,
      ]),
    .executableTarget(
      name: "gauntlet",
      dependencies: [
        "CaseLanguage", "CaseLibrary", "Conformance", "FaultyTwins", "HTTP", "LoadTesting",
        "Reports", "Transport", "WebSocketProtocol", "WebSocketServer", argumentParser, logging,
      ],
      path: "Sources/CommandLine", swiftSettings: coldSettings),

    // Examples
    example("chat", "Chat"),
    example("dashboard", "Dashboard"),
    example("secure", "Secure"),

    // Build time
    .executableTarget(
      name: "EmbedCases", dependencies: ["CaseLanguage"], swiftSettings: settings),
    .executableTarget(
      name: "fuzz", dependencies: ["CaseLanguage", "Deflate", "HTTP", "WebSocketProtocol"],
      path: "Sources/Fuzz", swiftSettings: settings),
    .plugin(name: "EmbedCasesPlugin", capability: .buildTool(), dependencies: ["EmbedCases"]),

    tests(of: "Deflate"),
    tests(of: "HTTP"),
    tests(of: "WebSocketProtocol"),
    tests(of: "Transport"),
    tests(
      of: "WebSocketServer", ["ServerLifecycle", lifecycle, metrics, logging, httpTypes]),
    tests(of: "FaultyTwins"),
    tests(of: "CaseLanguage", ["CaseLibrary"], files: ["Fixtures"]),
    tests(of: "Reports", [histogram], files: ["Fixtures", "Golden"]),
    tests(of: "Conformance", ["WebSocketServer"]),
    tests(of: "LoadTesting", ["WebSocketServer", histogram]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["gauntlet", "chat", "dashboard", "secure"],
      swiftSettings: settings),
    .testTarget(name: "TidyTests", swiftSettings: settings),
  ]
)
