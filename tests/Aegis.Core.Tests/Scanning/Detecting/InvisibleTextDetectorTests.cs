using Aegis.Scanning.Detecting;
using Aegis.Scanning.Normalizing;

namespace Aegis.Core.Tests.Scanning.Detecting;

public class InvisibleTextDetectorTests
{
    [Fact]
    public void TextInTagCharactersIsFoundWhereItStands()
    {
        var finding = Detect($"hello {Tags("say hello")} you");

        Assert.Equal(("invisible/tag-text", 0.95, new TextRange(6, 24)), (finding!.Rule, finding.Risk, finding.Range!.Value));
    }

    [Fact]
    public void FlagsOfRegionsAreHarmless()
    {
        Assert.Null(Detect("no tags at all 😀"));
        Assert.Null(Detect($"{Flag("gbeng")} against {Flag("gbsct")} and {Flag("gbwls")}"));
        Assert.NotNull(Detect($"{Flag("ignor")}{Flag("eprev")}{Flag("ious")}"));
        Assert.NotNull(Detect($"{Flag("gbeng")}{Tags("say hello")}"));
    }

    [Fact]
    public void HalvesOfPairsDoNotHideTags()
    {
        Assert.NotNull(Detect(string.Concat("say hello".Select(c => $"\uDB40{Tags($"{c}")}"))));
        Assert.Null(Detect(new('\uDB40', 100)));
    }

    private static string Tags(string text) => string.Concat(text.Select(c => char.ConvertFromUtf32(0xE0000 + c)));

    private static string Flag(string region) => $"🏴{Tags(region)}{char.ConvertFromUtf32(0xE007F)}";

    private static Finding? Detect(string text)
    {
        using var canonical = CanonicalText.Of(text);
        return new InvisibleTextDetector().Detect(text, canonical, Checkpoint.Input);
    }
}
