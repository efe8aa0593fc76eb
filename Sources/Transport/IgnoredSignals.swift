internal import Glibc

/// The signals that do nothing to this process, by its own wish or that of who started it (nohup).
public enum IgnoredSignals {
  /// Whether a signal, such as `SIGHUP`, is ignored now.
  public static func contains(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
    // Functions cannot be compared, and SIG_IGN is none that could be called.
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
