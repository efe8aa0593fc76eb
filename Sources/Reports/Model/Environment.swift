/// The machine and the libraries that a run was made with.
public struct Environment: Codable, Equatable, Sendable {
  /// The operating system's own name for itself.
  public var operatingSystem: String
  /// The kernel's name and release.
  public var kernel: String
  /// The processor architecture, such as `x86_64`.
  public var architecture: String
  /// The processor's model name.
  public var processor: String
  /// How many logical processors the process may run on.
  public var processorCount: Int
  /// The physical memory in octets.
  public var memoryByteCount: Int64
  /// The load averages over 1, 5 and 15 minutes when the run began.
  public var loadAverages: [Double]
  /// The compiler that built the program.
  public var swiftVersion: String
  /// OpenSSL's text for its version, when the program knows it.
  public var openSSLVersion: String?
  /// zlib's text for its version, when the program knows it.
  public var zlibVersion: String?
  /// Whatever else may have shaped the results.
  public var facts: [Fact]
  /// The commit that the run was about, where CI or a checkout tells it.
  public var source: SourceRevision?

  /// Creates an environment from what is known of it.
  public init(
    operatingSystem: String, kernel: String, architecture: String, processor: String,
    processorCount: Int, memoryByteCount: Int64, loadAverages: [Double], swiftVersion: String,
    openSSLVersion: String? = nil, zlibVersion: String? = nil, facts: [Fact] = [],
    source: SourceRevision? = nil
  ) {
    self.operatingSystem = operatingSystem
    self.kernel = kernel
    self.architecture = architecture
    self.processor = processor
    self.processorCount = processorCount
    self.memoryByteCount = memoryByteCount
    self.loadAverages = loadAverages
    self.swiftVersion = swiftVersion
    self.openSSLVersion = openSSLVersion
    self.zlibVersion = zlibVersion
    self.facts = facts
    self.source = source
  }
}
