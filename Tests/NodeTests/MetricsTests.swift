import Node
import Testing

@Suite("MetricsPage: Prometheus text")
struct MetricsTests {
    @Test func `counters, gauges and histograms have their lines`() {
        let histogram = Histogram()
        histogram.record(.milliseconds(2))
        histogram.record(.seconds(60))
        var page = MetricsPage()
        page.counter("a_total", "Things.", 3)
        page.gauge("b", "By peer.", [(["peer": "1", "kind": "x\"y\\z"], 0.5)])
        page.histogram("c_seconds", "Time.", histogram)
        let lines = page.text.split(separator: "\n").map(String.init)
        #expect(lines.prefix(3) == ["# HELP a_total Things.", "# TYPE a_total counter", "a_total 3"])
        #expect(lines.contains(#"b{kind="x\"y\\z",peer="1"} 0.5"#))
        #expect(lines.contains(#"c_seconds_bucket{le="0.001"} 0"#))
        #expect(lines.contains(#"c_seconds_bucket{le="0.0025"} 1"#))
        #expect(lines.contains(#"c_seconds_bucket{le="10"} 1"#))
        #expect(lines.contains(#"c_seconds_bucket{le="+Inf"} 2"#))
        #expect(lines.contains("c_seconds_count 2"))
        #expect(page.text.hasSuffix("\n"))
    }
}
