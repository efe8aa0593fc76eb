#if canImport(Glibc)
  import Glibc
#endif

extension Environment {
  /// Asks the system; what it does not tell is empty.
  ///
  /// The versions of OpenSSL and zlib are known to the rooms that link them, so they are handed in.
  public static func current(openSSLVersion: String? = nil, zlibVersion: String? = nil) -> Self {
    let kernel = kernelAndArchitecture()
    return Environment(
      operatingSystem: value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "Linux",
      kernel: kernel.name, architecture: kernel.architecture,
      processor: value(of: "model name", in: "/proc/cpuinfo", separator: ":") ?? "",
      processorCount: usableProcessorCount(),
      memoryByteCount: Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))),
      loadAverages: loadAverages(), swiftVersion: compilerVersion,
      openSSLVersion: openSSLVersion, zlibVersion: zlibVersion, source: SourceRevision.current())
  }

  /// The compiler's version as far as it can be told at compile time.
  static var compilerVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3.1)
      "6.3.1"
    #else
      "6.3"
    #endif
  }

  private static func kernelAndArchitecture() -> (name: String, architecture: String) {
    let name = file("/proc/sys/kernel/ostype") ?? "Linux"
    let release = file("/proc/sys/kernel/osrelease") ?? ""
    #if arch(x86_64)
      let architecture = "x86_64"
    #elseif arch(arm64)
      let architecture = "aarch64"
    #else
      let architecture = "unknown"
    #endif
    return ("\(name.firstLine) \(release.firstLine)", architecture)
  }

  private static func usableProcessorCount() -> Int {
    max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  private static func loadAverages() -> [Double] {
    (file("/proc/loadavg") ?? "").split(separator: " ").prefix(3).compactMap { Double($0) }
  }

  /// The first value that a `key separator value` file has for a key, without quotes.
  static func value(of key: String, in path: String, separator: Character) -> String? {
    for line in (file(path) ?? "").split(separator: "\n") {
      guard let mark = line.firstIndex(of: separator) else { continue }
      guard line[..<mark].trimmed == key else { continue }
      return String(line[line.index(after: mark)...].trimmed.drop { $0 == "\"" })
        .removingSuffix("\"")
    }
    return nil
  }

  /// A small file as text; nil when it cannot be read.
  private static func file(_ path: String) -> String? {
    (try? Files.read(path)).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension StringProtocol {
  var firstLine: String { String(prefix { !$0.isNewline }) }

  var trimmed: String {
    let start = firstIndex { !$0.isWhitespace } ?? endIndex
    let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
    return String(self[start..<end])
  }
}

extension String {
  func removingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
