using Aegis.Scanning.Rules;

namespace Aegis.Core.Tests.Scanning.Rules;

public class RequiredTextsTests
{
    [Theory]
    [InlineData("ignore", "6 ignor +1")]
    [InlineData(@"ignore\s(all\s)?previous\b", "19 ignor +14")]
    [InlineData(@"\bdelete\s\w{1,12}\sfiles?\b", "7 delete  -> 18  file| files +0")]
    [InlineData(@"(tell|show)\s.{0,30}(secrets|passwords)", "5 tell |show  -> 39 secrets|password +1")]
    [InlineData(@"(wipe.{0,9}disk|format\sdrive)", "4 wipe -> 13 disk +0 / 12 format dr +3")]
    [InlineData(@"\w{3,9}", "")]
    [InlineData(@"(a|the)?\d", "")]
    [InlineData("忽略.{0,4}指令", "2 忽略 -> 6 指令 +0")]
    public void ItSaysWhichTextsStandInARowInEveryMatch(string pattern, string expected) => Assert.Equal(expected, Written(RequiredTexts.Of(Root(pattern))));

    [Fact]
    public void AWordIsKeptWholeWhereWordsAreSplit() => Assert.Equal("9 disregard +17", Written(RequiredTexts.Of(Root(@"disregard\s(the\s)?instructions"), splitsWords: true)));

    [Fact]
    public void ATextWithTheWrongEdgesDoesNotStandInAnother()
    {
        Assert.Equal(2, new RequiredText("act", true, true).PlaceIn(new("I act now", false, false)));
        Assert.Equal(-1, new RequiredText("act", true, true).PlaceIn(new("react now", false, false)));
        Assert.Equal(5, new RequiredText("act", false, true).PlaceIn(new("fact act", true, true)));
    }

    private static PatternNode Root(string pattern) => Pattern.Parse(pattern).Root;

    private static string Written(IReadOnlyList<TextChain> chains) => string.Join(" / ", chains.Select(static chain =>
        $"{string.Join(" -> ", chain.Links.Select(static link => $"{link.Gap} {string.Join("|", link.Texts.Select(static text => text.Text))}"))} +{chain.Behind}"));
}
