internal import CLinux
internal import Glibc

extension ChildProcess {
  /// Starts a program in a process group of its own; the number of its process.
  static func spawn(
    _ words: [String], environment: [String: String], outputPath: String
  ) throws(TransportError) -> Int32 {
    let attempt = "start '\(words.last ?? "")'"
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
    let output = unsafe open(outputPath, flags, 0o644)
    guard output >= 0 else {
      throw TransportError(errno: errno, attempt: "write the output of a peer to \(outputPath)")
    }
    defer { close(output) }
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
    // Signals that we ignore or block are the child's to react to.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT] {
      unsafe sigaddset(&signals, signal)
    }
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let options = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    unsafe posix_spawnattr_setflags(&attributes, Int16(options))

    var process = pid_t()
    let status = unsafe withStrings(words) { arguments in
      unsafe withStrings(merged(environment)) { variables in
        unsafe posix_spawn(&process, words[0], &actions, &attributes, arguments, variables)
      }
    }
    guard status == 0 else { throw TransportError(errno: status, attempt: attempt) }
    return process
  }

  /// The end of a file, at most so many octets; empty if it cannot be read.
  static func tail(of path: String, byteCount: Int) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    lseek(descriptor, max(0, end - byteCount), SEEK_SET)
    var octets = [UInt8](repeating: 0, count: byteCount)
    let count = unsafe octets.withUnsafeMutableBytes { buffer in
      // The buffer is the array's own, for the time of the call.
      unsafe read(descriptor, buffer.baseAddress, buffer.count)
    }
    return Array(octets.prefix(max(0, count)))
  }

  /// Our environment with these variables set.
  private static func merged(_ added: [String: String]) -> [String] {
    var variables: [String] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      let name = text.prefix { $0 != "=" }
      if added[String(name)] == nil { variables.append(text) }
      unsafe next += 1
    }
    return variables + added.map { "\($0.key)=\($0.value)" }
  }

  /// Lends the strings as C wants them: an array of pointers that ends with a null.
  private static func withStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    // Each copy lives until the call is over.
    var pointers = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else {
        preconditionFailure("there is the null at least")
      }
      return unsafe body(start)
    }
  }
}
