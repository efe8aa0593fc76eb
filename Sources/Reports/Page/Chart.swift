#if canImport(Glibc)
  import Glibc
#endif

/// A line chart as SVG.
///
/// The charts are drawn here and not by a library in the page: they show without any script, they
/// print, they follow the page's colours, cost a few kilobytes each, and a golden file can tell
/// when one changes.
struct Chart {
  /// How an axis places its values.
  enum Scale {
    /// Even steps from zero.
    case linear
    /// Even factors.
    case logarithmic
  }

  struct Axis {
    var label: String
    var range: ClosedRange<Double>
    var scale: Scale = .linear
    var ticks: [(value: Double, label: String)]
  }

  struct Line {
    var name: String
    /// Which of the page's line styles (1…4): colour and dashes.
    var style: Int
    /// What the line goes through; it is interrupted where something is not finite.
    var points: [(x: Double, y: Double)]
    var isFilled = false
  }

  struct Band {
    var label: String
    var range: ClosedRange<Double>
  }

  var title: String
  var description: String
  var x: Axis
  var y: Axis
  var lines: [Line]
  var bands: [Band] = []

  private static let size = (width: 480.0, height: 250.0)
  private static let frame = (left: 58.0, right: 470.0, top: 10.0, bottom: 208.0)

  /// A figure with caption, legend and drawing; `id` is unique in the page.
  func figure(id: String) -> String {
    var legend = ""
    if lines.count > 1 {
      let items = lines.map { line in
        "<li><svg class=\"key\" viewBox=\"0 0 22 8\" aria-hidden=\"true\">"
          + "<path class=\"line s\(line.style)\" d=\"M1 4H21\"/></svg>"
          + "\(VisibleText.escaped(line.name))</li>"
      }
      legend = "<ul class=\"keys\">\(items.joined())</ul>"
    }
    return """
      <figure><figcaption>\(VisibleText.escaped(title))</figcaption>\(legend)
      <svg class="chart" viewBox="0 0 \(number(Self.size.width)) \(number(Self.size.height))" \
      role="img" aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\
      \(VisibleText.escaped(title))</title><desc id="\(id)-d">\(VisibleText.escaped(description))\
      </desc>\(drawing)</svg></figure>
      """
  }

  private var drawing: String {
    let frame = Self.frame
    var output = ""
    for band in bands {
      let start = max(place(band.range.lowerBound, on: x, frame.left, frame.right), frame.left)
      let end = min(place(band.range.upperBound, on: x, frame.left, frame.right), frame.right)
      guard end - start > 0.5 else { continue }
      output += "<rect class=\"band\" x=\"\(number(start))\" y=\"\(number(frame.top))\""
      output += " width=\"\(number(end - start))\" height=\"\(number(frame.bottom - frame.top))\"/>"
      guard end - start > Double(band.label.count) * 9 else { continue }
      output += "<text class=\"note\" x=\"\(number((start + end) / 2))\""
      output += " y=\"\(number(frame.top + 13))\">\(VisibleText.escaped(band.label))</text>"
    }
    return output + axes + lines.map(path).joined()
  }

  private var axes: String {
    let frame = Self.frame
    var output = ""
    for tick in y.ticks {
      let position = number(place(tick.value, on: y, frame.bottom, frame.top))
      output +=
        "<path class=\"grid\" d=\"M\(number(frame.left)) \(position)H\(number(frame.right))\"/>"
      output += "<text class=\"y\" x=\"\(number(frame.left - 7))\" y=\"\(position)\">"
      output += "\(VisibleText.escaped(tick.label))</text>"
    }
    for tick in x.ticks {
      let position = number(place(tick.value, on: x, frame.left, frame.right))
      output += "<path class=\"tick\" d=\"M\(position) \(number(frame.bottom))v4\"/>"
      output += "<text class=\"x\" x=\"\(position)\" y=\"\(number(frame.bottom + 18))\">"
      output += "\(VisibleText.escaped(tick.label))</text>"
    }
    output +=
      "<path class=\"axis\" d=\"M\(number(frame.left)) \(number(frame.bottom))H\(number(frame.right))\"/>"
    output += "<text class=\"label\" x=\"\(number((frame.left + frame.right) / 2))\""
    return output + " y=\"\(number(Self.size.height - 6))\">\(VisibleText.escaped(x.label))</text>"
  }

  private func path(_ line: Line) -> String {
    line.points.split { !$0.x.isFinite || !$0.y.isFinite }
      .map { path(line, through: $0) }.joined()
  }

  private func path(_ line: Line, through points: ArraySlice<(x: Double, y: Double)>) -> String {
    let frame = Self.frame
    guard let first = points.first, let last = points.last else { return "" }
    let steps = points.map { point in
      let horizontal = place(point.x, on: x, frame.left, frame.right)
      let vertical = place(point.y, on: y, frame.bottom, frame.top)
      return "\(number(horizontal)) \(number(min(max(vertical, frame.top), frame.bottom)))"
    }
    // A point alone is a dash.
    let route = "M" + steps.joined(separator: "L") + (points.count == 1 ? "h2" : "")
    var output = ""
    if line.isFilled {
      let end = number(place(last.x, on: x, frame.left, frame.right))
      let start = number(place(first.x, on: x, frame.left, frame.right))
      let floor = number(frame.bottom)
      output +=
        "<path class=\"area s\(line.style)\" d=\"\(route)L\(end) \(floor)L\(start) \(floor)Z\"/>"
    }
    return output + "<path class=\"line s\(line.style)\" d=\"\(route)\"/>"
  }

  private func place(_ value: Double, on axis: Axis, _ start: Double, _ end: Double) -> Double {
    let lower = axis.range.lowerBound
    let upper = axis.range.upperBound
    let share =
      switch axis.scale {
      case .linear: (value - lower) / (upper - lower)
      case .logarithmic: (log10(max(value, lower)) - log10(lower)) / (log10(upper) - log10(lower))
      }
    return start + (end - start) * min(max(share, 0), 1)
  }

  private func number(_ value: Double) -> String {
    NumberText.fixed(value, 1).removingSuffix(".0")
  }
}

extension Chart.Axis {
  /// An axis from zero with round steps.
  static func fromZero(to maximum: Double, label: String, text: (Double) -> String) -> Self {
    let step = roundStep(atLeast: max(maximum, 1e-9) / 5)
    let top = (max(maximum, 1e-9) / step).rounded(.up) * step
    let count = Int((top / step).rounded())
    let ticks = (0...count).map { index in
      (value: Double(index) * step, label: text(Double(index) * step))
    }
    return Self(label: label, range: 0...top, ticks: ticks)
  }

  /// An axis about values that may lie close together, far from zero.
  static func around(_ values: [Double], label: String, text: (Double) -> String) -> Self {
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
    // From zero where that costs little room; a tenth of the value is shown where nothing differs.
    let spread = max(greatest - least, 0.1 * greatest)
    guard least - spread > 0 else { return fromZero(to: greatest, label: label, text: text) }
    let step = roundStep(atLeast: spread / 4)
    let first = ((least - 0.1 * spread) / step).rounded(.down)
    let last = max(((greatest + 0.1 * spread) / step).rounded(.up), first + 1)
    let ticks = (0...Int(last - first)).map { index in
      let value = (first + Double(index)) * step
      return (value: value, label: text(value))
    }
    return Self(label: label, range: first * step...last * step, ticks: ticks)
  }

  /// An axis of factors with a tick at each power of ten, or at 1, 2 and 5 of each.
  static func logarithmic(
    _ range: ClosedRange<Double>, label: String, text: (Double) -> String
  ) -> Self {
    let least = max(range.lowerBound, 1e-9)
    let steps = log10(max(range.upperBound / least, 1)) > 2.5 ? [1.0] : [1, 2, 5]
    var values: [Double] = []
    for exponent in Int(log10(least).rounded(.down))...Int(log10(range.upperBound).rounded(.up)) {
      values += steps.map { $0 * pow(10, Double(exponent)) }
    }
    let lower = values.last { $0 <= least * 1.0001 } ?? least
    let upper = values.first { $0 >= range.upperBound * 0.9999 } ?? range.upperBound
    let ticks = values.filter { (lower * 0.9999...upper * 1.0001).contains($0) }
    return Self(
      label: label, range: lower...max(upper, lower * 10), scale: .logarithmic,
      ticks: ticks.map { ($0, text($0)) })
  }

  private static func roundStep(atLeast value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    return ([1, 2, 2.5, 5, 10].first { $0 * power >= value * 0.9999 } ?? 10) * power
  }
}
