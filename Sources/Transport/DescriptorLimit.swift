internal import Glibc

/// How many file descriptors the process may have open.
public enum DescriptorLimit {
  /// Raises the soft limit to the hard one, and tells what it is now.
  @discardableResult
  public static func raise() -> Int {
    var limits = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else {
      return 1024
    }
    if limits.rlim_cur < limits.rlim_max {
      var raised = limits
      raised.rlim_cur = limits.rlim_max
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 {
        limits = raised
      }
    }
    return Int(clamping: limits.rlim_cur)
  }
}
