import FoundationEssentials

/// Where the packets of failing cases go: a pcap file for each.
public struct CaptureFolder: Sendable {
  /// The folder.
  public var path: String

  /// A folder; it is made when the first file is written.
  public init(path: String) {
    self.path = path
  }

  /// The file for a case: the parts of its id become parts of the name.
  public func file(forCase id: String, agent: String?) -> String {
    let names = [agent, id].compactMap { $0 }.map { name in
      String(name.unicodeScalars.map { Self.isPlain($0) ? Character($0) : "-" })
    }
    return path + "/" + names.joined(separator: "/").replacing("..", with: "--") + ".pcap"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "_": true
    default: false
    }
  }

  /// Writes a file, and the folders that lead to it.
  ///
  /// - Returns: Whether that could be done.
  func write(_ octets: [UInt8], to file: String) -> Bool {
    let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return FileManager.default.createFile(atPath: file, contents: Data(octets))
  }
}
