import API
import Terminal
import Testing

@Suite("CSV: RFC 4180")
struct CSVTests {
    @Test func `commas, quotes and line breaks are quoted, and lines end with CR LF`() {
        let rows = [
            [Field("plain", .string("a")), Field("comma", .string("b,c"))],
            [Field("plain", .string("say \"no\"")), Field("comma", .string("two\r\nlines"))],
        ]
        #expect(CSV.text(rows) == "plain,comma\r\na,\"b,c\"\r\n\"say \"\"no\"\"\",\"two\r\nlines\"\r\n")
    }

    @Test(arguments: ["\r", "\n", "\r\n"]) func `each half of a line break is quoted too`(_ text: String) {
        #expect(CSV.text([[Field("a", .string("x" + text))]]) == "a\r\n\"x\(text)\"\r\n")
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
    func `what a spreadsheet would run stays text`(_ text: String) {
        #expect(CSV.text([[Field("a", .string(text))]]).contains("'" + text))
    }

    @Test func `values are what they are, lists are separated by spaces, nothing is empty`() {
        let row = [
            Field("number", 7), Field("truth", true), Field("list", ["a", "b"]), Field("nothing", .null),
        ]
        #expect(CSV.text([row]) == "number,truth,list,nothing\r\n7,true,a b,\r\n")
    }

    @Test func `an empty list has its columns`() {
        #expect(CSV.text([], names: ["a", "b"]) == "a,b\r\n")
        #expect(CSV.text([]) == "")
    }
}
