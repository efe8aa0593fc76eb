/// Text that peers may send to get out of the place where a report puts it.
enum HostileText {
  static let all = [
    "</script><script>alert(1)</script>", "<!--<script>", "-->", "]]>", "\"' onload='alert(1)",
    "<img src=x onerror=alert(1)>", "&amp;&#0;&lt;", "\u{0}\u{1}\u{8}\u{B}\u{C}\u{1F}\u{7F}",
    "\u{85}\u{9B}31m", "\u{1B}[2J\u{1B}]0;owned\u{7}",
    "\u{2028}\u{2029}\u{202E}evil\u{200B}\u{FEFF}",
    String(decoding: [0xEF, 0xBF, 0xBE, 0xEF, 0xBF, 0xBF, 0xEF, 0xB7, 0x90], as: UTF8.self),
    "line\r\nbreak\ttab", "`code` | cell | **bold** @mention",
    "=\u{301}1,\u{301}\"\u{301}\\\u{301}#\u{301} TODO|\u{301}<\u{301}&\u{301}'\u{301}:\u{301}%\u{301}",
    "\\u003c/script\\u003e\\", "javascript:alert(1)", "../../../../etc/passwd", "", " ",
    "κόσμε 😀 👩‍👩‍👧", String(repeating: "long<", count: 4000),
  ]
}
